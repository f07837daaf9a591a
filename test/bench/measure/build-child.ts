// Builds a pack in a process of its own, so that the most memory it ever held is that of the build.
import { runSelfTest } from "../../../origin/engine/qwen3/self-test/self-test.ts";
import { type BuildOptions, buildPack } from "../../../origin/model/pack/build-pack.ts";

export interface Built {
  folder: string;
  peakBytes: number;
}

process.once("disconnect", () => process.exit());
const options: Omit<BuildOptions, "selfTest" | "onProgress"> = JSON.parse(process.argv[2] ?? "");
const onProgress = (step: string) => process.stderr.write(`  ${step}\n`);
const folder = await buildPack({ ...options, selfTest: runSelfTest, onProgress });
process.send?.({ folder, peakBytes: process.resourceUsage().maxRSS * 1024 } satisfies Built);
process.disconnect();
