// What the system is asked for by the process of an engine that computes. Linux only: others have nothing to ask.
import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createQwen3Engine } from "../../../../origin/engine/qwen3/engine.ts";
import { childrenOf, isRunning } from "../../../support/child-processes.ts";
import { listen } from "../../../support/listening.ts";
import { type TemporaryModels, temporaryModels } from "../../../support/packs.ts";

let models: TemporaryModels;
let packFolder: string;

beforeAll(async () => {
  models = temporaryModels();
  packFolder = await models.build("0.6b-custom-voice", "int8");
});

afterAll(() => models.remove());

/** Starts an engine, speaks with it, and returns what `look` sees of its process. */
async function processWith<Seen>(
  env: NodeJS.ProcessEnv,
  look: (pid: number) => Seen,
): Promise<Seen> {
  const before = new Set(childrenOf(process.pid));
  const engine = createQwen3Engine({ packFolder, env });
  try {
    await engine.started();
    await listen(engine, { speaker: "Ryan", text: "Hello." });
    const [pid, ...others] = childrenOf(process.pid).filter(
      (id) => !before.has(id) && isRunning(id),
    );
    if (!pid || others.length > 0) throw new Error("an engine has one process");
    return look(pid);
  } finally {
    await engine.close();
  }
}

describe.skipIf(process.platform !== "linux")("the process of an engine", () => {
  it("has threads of its generator yield that are more than the codec leaves processors, and no other", async () => {
    const base = getPriority();
    const nicer = (pid: number) =>
      readdirSync(`/proc/${pid}/task`)
        .map((thread) => getPriority(Number(thread)) - base)
        .filter((nice) => nice !== 0)
        .sort((a, b) => a - b);
    // The thread that waits for them is told from all others by being one nicer.
    expect(await processWith({ ENGINE_THREADS: "3" }, nicer)).toEqual([1, 19 - base, 19 - base]);
    expect(await processWith({ ENGINE_THREADS: "1" }, nicer)).toEqual([]);
  });

  it("asks for huge pages, unless what glibc is to do is set already", async () => {
    const tunables = (pid: number) =>
      readFileSync(`/proc/${pid}/environ`, "utf8")
        .split("\0")
        .filter((variable) => variable.startsWith("GLIBC_TUNABLES="));
    const [asked] = await processWith({ ENGINE_THREADS: "1" }, tunables);
    expect(asked).toContain("glibc.malloc.hugetlb=1");
    const own = { ENGINE_THREADS: "1", GLIBC_TUNABLES: "glibc.malloc.hugetlb=0" };
    expect(await processWith(own, tunables)).toEqual(["GLIBC_TUNABLES=glibc.malloc.hugetlb=0"]);
  });
});
