import { expect, test } from "vitest";
import { cudaFolder, cudaObstacle } from "../../origin/model/device/cuda-provider.ts";
import { runProgram } from "../support/run-program.ts";

const environment = { ORIGIN_PORT: "0", LOG_LEVEL: "silent" };
const cudaIsMissing = cudaObstacle(cudaFolder) !== null;

test.skipIf(!cudaIsMissing)(
  "an origin that was asked for CUDA and has none does not start, and says why",
  async () => {
    const origin = runProgram("origin/main.ts", {
      environment: { ...environment, DEVICE: "cuda" },
    });

    expect(await origin.finished).toMatchObject({
      code: 1,
      stderr: `DEVICE=cuda cannot be had: ${cudaObstacle(cudaFolder)}\n`,
    });
  },
);

test.skipIf(process.platform !== "linux")(
  "an origin that was asked for WebGPU where there is no adapter does not start, and says why",
  async () => {
    const origin = runProgram("origin/main.ts", {
      // No driver is found by such a name.
      environment: { ...environment, DEVICE: "webgpu", VK_ICD_FILENAMES: "/nowhere.json" },
    });

    const { code, stderr } = await origin.finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^DEVICE=webgpu cannot be had: .*$/m);
  },
);

test.skipIf(process.platform !== "linux" || process.arch !== "x64")(
  "gpu:install without a network says what it wanted and why it failed",
  async () => {
    // A proxy at a port where nothing listens.
    const proxy = "http://127.0.0.1:9";
    const install = runProgram("origin/cli/gpu-install.ts", {
      environment: {
        GLOBAL_AGENT_HTTPS_PROXY: proxy,
        GLOBAL_AGENT_HTTP_PROXY: proxy,
        // As `npm run` has them, where the script means to download nothing.
        npm_config_local_prefix: process.cwd(),
        npm_package_json: `${process.cwd()}/package.json`,
      },
    });

    const { code, stderr } = await install.finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^The download from https:\/\/api\.nuget\.org\/v3\/index\.json failed: /,
    );
    expect(stderr).toContain("127.0.0.1:9");
  },
);

test("a device that does not exist is refused", async () => {
  const origin = runProgram("origin/main.ts", { environment: { ...environment, DEVICE: "tpu" } });
  const { code, stderr } = await origin.finished;
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^DEVICE: must be one of auto, cpu, cuda, webgpu; got "tpu"/),
  ]);
});
