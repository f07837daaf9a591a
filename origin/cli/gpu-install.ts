/**
 * Downloads ONNX Runtime's libraries for CUDA to where it looks for them, with the script that its package has for that.
 * `npm ci` leaves them out, since few need them and they are several hundred megabytes.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import {
  cudaFolder,
  cudaLibraries,
  cudaObstacle,
  runtimeFolder,
} from "../model/device/cuda-provider.ts";
import { tiedChildFlags } from "../process/programs.ts";

/** The feed that the script asks first; the package's address is in its answer. */
const feed = "https://api.nuget.org/v3/index.json";

try {
  await install();
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : cause}\n`);
  process.exitCode = 1;
}

async function install(): Promise<void> {
  if (!cudaFolder) throw new Error(`There is no CUDA here: ${cudaObstacle(null)}`);
  process.stdout.write(`Asking ${feed} for the libraries of ONNX Runtime for CUDA 13\n`);
  const program = join(runtimeFolder, "script", "install.js");
  const script = spawn(process.execPath, [...tiedChildFlags, program], {
    // The package is of CUDA 13 since 1.27, whatever the script calls it. Its other value, "cuda12", is taken for none, and under npm the script then leaves without a word.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "true" },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let errors = "";
  script.stderr.on("data", (text: Buffer) => {
    errors += text;
  });
  const [code] = await once(script, "close");
  if (code !== 0) {
    const [reason = `the script left with ${code}`] = errors.match(/(?<=^Error: ).*$/m) ?? [];
    throw new Error(
      `The download from ${feed} failed: ${reason}\nBehind a proxy, set GLOBAL_AGENT_HTTPS_PROXY.`,
    );
  }
  for (const name of cudaLibraries) {
    const bytes = statSync(join(cudaFolder, name), { throwIfNoEntry: false })?.size;
    if (!bytes)
      throw new Error(`The script left without an error, but ${name} is not in ${cudaFolder}`);
    process.stdout.write(`${name}  ${Math.ceil(bytes / 1e6)} MB\n`);
  }
  const obstacle = cudaObstacle(cudaFolder);
  process.stdout.write(obstacle ? `Not ready yet: ${obstacle}\n` : "Ready for DEVICE=cuda\n");
}
