import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readSettings } from "../../origin/settings.ts";

const read = (name: string) => readFileSync(`origin/deploy/${name}`, "utf8");

/** What a service of ours may be given to finish its answers, in seconds. */
function drainSeconds(environment: Record<string, string>): number {
  return readSettings({ ...environment, ORIGIN_TOKEN: "x" }).drainSeconds;
}

describe("the Dockerfile", () => {
  const file = read("Dockerfile");
  const stages = file.split(/^FROM /m).slice(1);

  it("makes an image without root and npm, with a volume and a health check", () => {
    const image = stages.at(-1) ?? "";
    expect(image).toMatch(/^USER 10001:10001$/m);
    expect(image).toMatch(/^VOLUME \/models$/m);
    expect(image).toMatch(/^HEALTHCHECK [\s\S]*\/health/m);
    expect(image).toMatch(/^CMD \["node", "origin\/run.mjs", "origin\/main.ts"\]$/m);
    expect(image).toMatch(/ENGINE=qwen3 DEVICE=\$\{DEVICE\}/);
  });

  it("begins with images that are pinned by digest, or with stages of its own", () => {
    const bases = stages.map((stage) => stage.split(/\s/)[0] ?? "");
    const pinned = bases.filter((base) => base.includes("@"));
    expect(pinned.length).toBeGreaterThan(0);
    for (const base of pinned) expect(base).toMatch(/:[\w.-]+@sha256:[0-9a-f]{64}$/);
    const named = new Set(Array.from(file.matchAll(/^FROM .* AS (\S+)$/gm), ([, name]) => name));
    for (const base of bases.filter((name) => !pinned.includes(name))) {
      for (const device of ["cpu", "cuda"]) {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Docker's own.
        expect(named).toContain(base.replace("${DEVICE}", device));
      }
    }
  });

  it("leaves the GPL's part out, and takes everything that the origin reads", () => {
    const script = read("build-origin.sh");
    expect(script).toMatch(/rm -rf node_modules\/@echogarden\/espeak-ng-emscripten/);
    const [, parts = ""] = /^for part in (.*); do$/m.exec(script) ?? [];
    const copied = Array.from(script.matchAll(/\$checkout\/([\w/]+)"/g), ([, part = ""]) => part);
    expect(copied).not.toHaveLength(0);
    const context = read("Dockerfile.dockerignore").split("\n");
    for (const part of [...parts.split(" "), ...copied]) {
      expect(existsSync(part), part).toBe(true);
      expect(context).toContain(`!${part}`);
    }
  });
});

const composes = spawnSync("docker", ["compose", "version"]).status === 0;
const unseen = composes ? "" : " (skipped: no docker compose)";

it.skipIf(!composes).each(["cpu", "cuda"])(`compose takes its file for %s${unseen}`, (profile) => {
  const args = [
    "compose",
    "-f",
    "origin/deploy/compose.yaml",
    "--profile",
    profile,
    "config",
    "-q",
  ];
  const { status, stderr } = spawnSync("docker", args, {
    env: { ...process.env, ORIGIN_TOKEN: "x" },
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

it("compose gives answers the time that they have to finish", () => {
  const { services } = parse(read("compose.yaml"), { merge: true }) as {
    services: Record<string, { environment?: Record<string, string>; stop_grace_period?: string }>;
  };
  for (const name of ["origin-cpu", "origin-cuda"]) {
    const { environment = {}, stop_grace_period = "" } = services[name] ?? {};
    const { DRAIN_SECONDS = "" } = environment;
    expect(Number.parseInt(stop_grace_period, 10)).toBeGreaterThan(drainSeconds({ DRAIN_SECONDS }));
  }
});

it("the unit for systemd starts without npm and waits for answers", () => {
  const unit = read("qwen3-tts-origin.service");
  const settings = Object.fromEntries(
    Array.from(unit.matchAll(/([A-Z_]+)=(\S+)/g), ([, name = "", value = ""]) => [name, value]),
  );
  const [, stop = ""] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? [];
  expect(Number(stop)).toBeGreaterThan(
    drainSeconds({ DRAIN_SECONDS: settings.DRAIN_SECONDS ?? "" }),
  );
  expect(unit).toMatch(/^ExecStart=\/usr\/bin\/env node origin\/run.mjs origin\/main.ts$/m);
});
