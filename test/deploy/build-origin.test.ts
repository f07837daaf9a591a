import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TemporaryModels, temporaryModels } from "../support/packs.ts";
import { type RunningProcess, run } from "../support/run-program.ts";
import { unusedPort } from "../support/unused-port.ts";

/** Who builds and runs it: never root. */
const nobody = 65_534;
const user = process.getuid?.() === 0 ? { user: nobody } : {};

const registry = spawnSync("npm", ["view", "hono", "version"], { timeout: 30_000 });
const isReached = process.platform === "linux" && registry.status === 0;
const missing = isReached ? "" : " (skipped: not Linux, or npm's registry is not reached)";

const dockerfile = readFileSync("origin/deploy/Dockerfile", "utf8").replaceAll("\\\n", "");

/** A command that the Dockerfile gives as JSON. */
function commandOf(instruction: RegExp): [string, ...string[]] {
  const [, json = ""] = instruction.exec(dockerfile) ?? [];
  return JSON.parse(json) as [string, ...string[]];
}

const [, variables = ""] = /^ENV (.*)$/m.exec(dockerfile) ?? [];
const environment = Object.fromEntries(
  Array.from(variables.matchAll(/([A-Z_]+)=(\S+)/g), ([, name = "", value = ""]) => [name, value]),
);

describe.skipIf(!isReached)(`what an image is made of${missing}`, () => {
  let folder = "";
  let home = "";
  let models: TemporaryModels;
  let origin: RunningProcess;
  let url = "";
  let settings: Record<string, string> = {};

  const own = (path: string) => {
    chmodSync(path, 0o755);
    if (user.user) spawnSync("chown", ["-R", `${nobody}:${nobody}`, path]);
  };

  beforeAll(async () => {
    models = temporaryModels();
    await models.build("0.6b-custom-voice");
    own(models.directory);
    home = mkdtempSync(join(tmpdir(), "image-test-"));
    own(home);
    folder = join(home, "app");
    const script = ["origin/deploy/build-origin.sh", process.cwd(), folder, "cpu"];
    const build = run("sh", script, { environment: { HOME: home }, ...user });
    const { code } = await build.finished;
    expect(code, build.output()).toBe(0);
    // In the image it is root's.
    spawnSync("chmod", ["-R", "a-w", folder]);

    const port = String(await unusedPort());
    url = `http://127.0.0.1:${port}`;
    settings = {
      ...environment,
      ...{ DEVICE: "cpu", ORIGIN_HOST: "127.0.0.1", ORIGIN_PORT: port, ORIGIN_TOKEN: "secret" },
      ...{ MODELS_DIR: models.directory, HOME: home },
    };
    const [program, ...args] = commandOf(/^CMD (\[.*\])$/m);
    origin = run(program, args, { folder, environment: settings, ...user });
    await origin.until(/origin http:/);
  });

  afterAll(() => {
    origin?.child.kill("SIGKILL");
    spawnSync("chmod", ["-R", "u+w", home]);
    for (const path of [home, models.directory]) rmSync(path, { recursive: true });
  });

  const isHealthy = async () => {
    const [program, ...args] = commandOf(/^HEALTHCHECK .*CMD (\[.*\])$/m);
    const { code } = await run(program, args, { folder, environment: settings }).finished;
    return code === 0;
  };

  it("has no part under the GPL, and nothing of its own to deploy", () => {
    expect(existsSync(join(folder, "node_modules/@echogarden/sonic-wasm"))).toBe(true);
    for (const path of ["node_modules/@echogarden/espeak-ng-emscripten", "origin/deploy"]) {
      expect(existsSync(join(folder, path)), path).toBe(false);
    }
  });

  it("is healthy by the image's own check, and has the page", async () => {
    expect(await isHealthy()).toBe(true);
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("<title>");
  });

  it.each(["wav", "mp3", "opus", "aac", "flac"])(
    "speaks %s with an installed model",
    async (response_format) => {
      const ask = (authorization: string) =>
        fetch(`${url}/v1/audio/speech`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization },
          body: JSON.stringify({
            model: "tts-1",
            input: "Hello.",
            voice: "alloy",
            response_format,
          }),
        });
      expect((await ask("Bearer wrong")).status).toBe(401);
      const speech = await ask("Bearer secret");
      expect(speech.status).toBe(200);
      expect(speech.headers.get("x-engine")).toBe("qwen3");
      expect((await speech.arrayBuffer()).byteLength).toBeGreaterThan(100);
    },
  );

  it("ends in order when the image is stopped", async () => {
    origin.child.kill("SIGTERM");
    expect(await origin.exited).toEqual({ code: 0, signal: null });
    expect(await isHealthy()).toBe(false);
  });
});
