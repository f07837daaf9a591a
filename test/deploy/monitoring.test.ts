import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as z from "zod";
import { countJobs } from "../../origin/metrics.ts";
import { createTestSpeechServices } from "../support/speech-services.ts";
import { startTestOrigin } from "../support/system.ts";

const folder = "origin/deploy/monitoring";
const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;

const dashboardSchema = z.object({
  panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })) })),
});

/** The project's own series that PromQL names. */
function seriesIn(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(/\btts_\w+/g), ([name]) => name))];
}

/** All that the dashboard and the alerts ask Prometheus. */
function expressions(): string[] {
  const { panels } = dashboardSchema.parse(
    JSON.parse(readFileSync(`${folder}/dashboard.json`, "utf8")),
  );
  const alerts = readFileSync(`${folder}/alerts.yaml`, "utf8");
  const rules = Array.from(
    alerts.matchAll(/^ +expr:((?:.|\n)*?)^ +(?:for|labels):/gm),
    ([, rule = ""]) => rule,
  );
  return [...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)), ...rules];
}

/** What an expression wants a series to have: by whom it is summed up, and which are chosen. */
function labelsAsked(expression: string): [series: string, label: string][] {
  const sums = expression.matchAll(/sum by \(([^)]*)\) \((?:(?:rate|increase)\()?(tts_\w+)/g);
  const choices = expression.matchAll(/(tts_\w+)\{([^}]*)\}/g);
  return [
    ...Array.from(sums, ([, labels = "", series = ""]) => [series, labels] as const),
    ...Array.from(choices, ([, series = "", labels = ""]) => [series, labels] as const),
  ].flatMap(([series, labels]) =>
    labels.split(",").map((label): [string, string] => [series, label.replace(/=.*/, "").trim()]),
  );
}

it("the dashboard and the alerts ask for labels that these series have, and the README names all series", async () => {
  const { services, close } = await createTestSpeechServices();
  const { registry } = services.metrics;
  countJobs({ registry }, () => ({ queued: 0, running: 0 }));
  const known = z
    .array(z.object({ name: z.string(), labelNames: z.array(z.string()) }))
    .parse(registry.getMetricsAsArray().map((metric) => ({ ...metric })));
  await close();
  const labelsOf = new Map(known.map(({ name, labelNames }) => [name, labelNames]));
  const readme = readFileSync("origin/README.md", "utf8");
  const own = known.filter(({ name }) => name.startsWith("tts_"));
  expect(own.filter(({ name }) => !readme.includes(`\`${name}\``))).toEqual([]);
  const asked = expressions().flatMap(labelsAsked);
  expect(asked.length).toBeGreaterThan(40);
  for (const [series, label] of asked) {
    const labels = labelsOf.get(series) ?? labelsOf.get(series.replace(/_(bucket|sum|count)$/, ""));
    expect([...(labels ?? []), "le", "instance"], series).toContain(label);
  }
});

it("the dashboard and the alerts ask for series that an origin has", async () => {
  const origin = await startTestOrigin({ ENGINE: "builtin" });
  const metrics = await (await fetch(`${origin.url}/metrics`)).text();
  await origin.close();
  const types = new Map(
    Array.from(metrics.matchAll(/^# TYPE (tts_\w+) (\w+)$/gm), ([, name = "", type = ""]) => [
      name,
      type,
    ]),
  );
  const names = seriesIn(expressions().join("\n"));
  expect(names.length).toBeGreaterThan(12);
  for (const name of names) {
    const histogram = name.replace(/_(bucket|sum|count)$/, "");
    const isThere = types.has(name) || types.get(histogram) === "histogram";
    expect(isThere, name).toBe(true);
  }
});

it.skipIf(!hasPromtool)(
  `the alerts are rules of Prometheus${hasPromtool ? "" : " (skipped: no promtool here)"}`,
  () => {
    const told = execFileSync("promtool", ["check", "rules", `${folder}/alerts.yaml`], {
      encoding: "utf8",
    });
    expect(told).toMatch(/SUCCESS: \d+ rules found/);
  },
);
