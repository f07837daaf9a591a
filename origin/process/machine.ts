import { createRequire } from "node:module";
import { cpus, release, totalmem } from "node:os";

const require = createRequire(import.meta.url);

/** What speed and rounding depend on, for whoever compares two machines. */
export function describeMachine() {
  const processors = cpus();
  return {
    program: versionOf("../../package.json"),
    node: process.version,
    onnxruntime: versionOf("onnxruntime-node/package.json"),
    platform: `${process.platform} ${process.arch} ${release()}`,
    processor: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memory_bytes: totalmem(),
  };
}

function versionOf(packageFile: string): string {
  return require(packageFile).version;
}
