import { setTimeout as delay } from "node:timers/promises";
import { postSpeech } from "../support/speech.ts";
import type { Aftermath, Fault, Scene } from "./fault.ts";
import type { Qwen3Origin } from "./fleet.ts";
import { fleetToken } from "./fleet-origin.ts";
import { signal } from "./process-faults.ts";

/** Until an origin notices by itself that packs have changed, and somewhat more. */
const noticedMs = 6000;
const askEveryMs = 200;
const toldLimitMs = 20_000;

function qwen3Of({ fleet: { qwen3 } }: Scene): Qwen3Origin {
  if (!qwen3) throw new Error("this fault needs an origin that speaks with Qwen3 models");
  return qwen3;
}

function killEngines({ origin }: Qwen3Origin): void {
  for (const pid of origin.enginePids()) signal(pid, "SIGKILL");
}

export const packFaults: Readonly<Record<string, Fault>> = {
  "packs that vanish and come back": {
    needs: ["qwen3"],
    async make(scene) {
      const qwen3 = qwen3Of(scene);
      qwen3.packs.vanish(scene.chance() < 0.5 ? "packs" : "folder");
      try {
        await delay(noticedMs);
      } finally {
        qwen3.packs.mend();
      }
    },
  },
  "packs that vanish, and engines that die without them": {
    needs: ["qwen3"],
    async make(scene) {
      const qwen3 = qwen3Of(scene);
      qwen3.packs.vanish(scene.chance() < 0.5 ? "packs" : "folder");
      try {
        killEngines(qwen3);
        await delay(noticedMs);
      } finally {
        qwen3.packs.mend();
      }
    },
  },
  "engine whose samples are not numbers": { needs: ["qwen3"], make: speakNoNumbers },
};

/** Puts a pack whose weights are damaged in the place of the good one, until the process that speaks with it has been replaced. */
async function speakNoNumbers(scene: Scene): Promise<Aftermath> {
  const qwen3 = qwen3Of(scene);
  const asked: string[] = [];
  const findings: string[] = [];
  const before = new Set(qwen3.origin.enginePids());
  /** Those that were started since. */
  const started = new Set<number>();
  const watching = setInterval(() => {
    for (const pid of qwen3.origin.enginePids()) if (!before.has(pid)) started.add(pid);
  }, askEveryMs);
  /** Whether the answer to a new text says what is wrong; while nothing is, it is sound. */
  const isTold = async () => {
    const input = scene.newText();
    asked.push(input);
    const answer = await postSpeech(qwen3.url, { input, response_format: "pcm" });
    const text = await answer.text();
    return answer.status !== 200 && text.includes("not a finite number");
  };
  qwen3.packs.spoil();
  try {
    // One that is always in use goes on with the pack it has.
    if (!(await comes(isTold, noticedMs))) {
      killEngines(qwen3);
      if (!(await comes(isTold, toldLimitMs))) findings.push("samples that are none were not told");
    }
    const isReplaced = async () => {
      const now = qwen3.origin.enginePids();
      if ([...started].some((pid) => !now.includes(pid))) return true;
      await isTold();
      return false;
    };
    if (!(await comes(isReplaced, toldLimitMs)))
      findings.push("a process that spoke no numbers was not replaced");
  } finally {
    clearInterval(watching);
    qwen3.packs.mend();
  }
  return { findings, judge: () => compareWithOrigin(qwen3, asked) };
}

async function comes(condition: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  for (; performance.now() < until; await delay(askEveryMs)) {
    if (await condition().catch(() => false)) return true;
  }
  return false;
}

/** Whether the edge now answers each of those texts with what the origin speaks, and has kept nothing else of them. */
async function compareWithOrigin({ url, origin }: Qwen3Origin, texts: string[]): Promise<string[]> {
  const headers = { authorization: `Bearer ${fleetToken}` };
  const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());
  let wrong = 0;
  for (const input of texts) {
    const fields = { input, response_format: "pcm" };
    const [heard, spoken] = await Promise.all([
      postSpeech(url, fields),
      postSpeech(origin.url, fields, { headers }),
    ]);
    const [status, bytes] = [`${heard.status} ${spoken.status}`, await bytesOf(heard)];
    if (status !== "200 200" || !bytes.equals(await bytesOf(spoken))) wrong++;
  }
  return wrong > 0
    ? [`${wrong} of ${texts.length} texts are not said right after samples that were none`]
    : [];
}
