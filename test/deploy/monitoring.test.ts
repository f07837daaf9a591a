import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as z from "zod";
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
  const { panels } = dashboardSchema.parse(
    JSON.parse(readFileSync(`${folder}/dashboard.json`, "utf8")),
  );
  const asked = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join("\n");
  const names = seriesIn(`${asked}\n${readFileSync(`${folder}/alerts.yaml`, "utf8")}`);
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
