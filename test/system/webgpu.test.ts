// The models on a real WebGPU adapter, such as the software Vulkan of Mesa 25 (lavapipe). Where there is none,
// what WebGPU is given is only tested on the CPU.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { tryDevice } from "../../origin/model/device/try-device.ts";
import { pico } from "../support/golden-cases.ts";
import { temporaryModels } from "../support/packs.ts";
import { runProgram } from "../support/run-program.ts";
import { postSpeech } from "../support/speech.ts";

const obstacle = tryDevice("webgpu");

/** Where the loader finds the driver. */
const driver = Object.fromEntries(
  ["VK_ICD_FILENAMES", "VK_DRIVER_FILES", "LD_LIBRARY_PATH", "XDG_RUNTIME_DIR"].flatMap((name) => {
    const value = process.env[name];
    return value ? [[name, value]] : [];
  }),
);

describe.skipIf(obstacle !== null)(obstacle ? `(skipped: ${obstacle})` : "on WebGPU", () => {
  test.each([
    ["float32", "05-pico-1.7b-custom-voice", "27 passed, 0 failed, 0 skipped"],
    ["float16", "05-pico-1.7b-custom-voice", "33 passed, 0 failed, 0 skipped"],
    // Its prompt is read in several calls.
    ["float32", "06-pico-1.7b-voice-design", "27 passed, 0 failed, 0 skipped"],
  ])(
    "a model in %s says what the official code says in %s",
    async (precision, name, summary) => {
      const folder = mkdtempSync(join(tmpdir(), "webgpu-test-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const parts = [`checkpoints/${name.slice(3)}`, `cases/${name}`, "codec", "tokenizer.json"];
      for (const part of parts) {
        cpSync(join(pico.directory, part), join(folder, part), { recursive: true });
      }

      const program = runProgram("origin/cli/conformance.ts", {
        arguments: [folder, "--device", "webgpu", "--precision", precision],
        environment: driver,
      });

      const { code, stdout } = await program.finished;
      expect(stdout.toString().trimEnd().split("\n").at(-1)).toBe(summary);
      expect(code).toBe(0);
    },
    300_000,
  );

  test("an origin speaks on it, and says so", async () => {
    const models = temporaryModels();
    onTestFinished(() => models.remove());
    await models.build("0.6b-custom-voice", "float16");
    const origin = runProgram("origin/main.ts", {
      environment: {
        ...driver,
        MODELS_DIR: models.directory,
        DEVICE: "webgpu",
        ENGINE: "qwen3",
        ORIGIN_PORT: "0",
        LOG_LEVEL: "silent",
      },
    });
    onTestFinished(async () => {
      origin.child.kill();
      await origin.exited;
    });
    const [line, url = ""] = await origin.until(/^origin (http:\S+), engine: .*$/m);
    expect(line).toContain("webgpu");

    const answer = await postSpeech(url, { input: "hello world", seed: 3, response_format: "pcm" });

    expect(answer.headers.get("x-engine")).toBe("qwen3");
    const pcm = new Int16Array(await answer.arrayBuffer());
    expect(pcm.length).toBeGreaterThan(1920);
    expect(Math.max(...pcm)).toBeGreaterThan(0);
  }, 300_000);
});
