import { setTimeout as delay } from "node:timers/promises";
import { createRandom } from "../support/random.ts";
import { postSpeech } from "../support/speech.ts";
import { faults } from "./faults.ts";
import { startFleet } from "./fleet.ts";
import { listen, type Outcome, outcomes, prepareQuestions, untilSpeaking } from "./listener.ts";

export interface ChaosReport {
  requests: Record<Outcome, number>;
  /** How often each fault was made. */
  faults: Record<string, number>;
  /** After each, how long it took until new speech could be had, in milliseconds. */
  recoveredMs: number[];
}

export interface ChaosOptions {
  seconds: number;
  seed: number;
  listeners?: number;
  onFault?: (name: string, recoveredMs: number) => void;
}

/** The most that a fleet may take to speak again. */
export const recoveryLimitMs = 5000;

/** Has many listen while one fault after the other is made, and judges every answer. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seconds, seed, listeners = 6, onFault } = options;
  const chance = createRandom(seed);
  const fleet = await startFleet(2);
  const report: ChaosReport = {
    requests: Object.fromEntries(outcomes.map((name) => [name, 0])) as Record<Outcome, number>,
    faults: {},
    recoveredMs: [],
  };
  try {
    const [first] = fleet.origins;
    const headers = { authorization: "Bearer between-edge-and-origins" };
    const questions = await prepareQuestions(24, (fields) =>
      postSpeech(first?.url ?? "", { ...fields }, { headers }),
    );
    const until = performance.now() + seconds * 1000;
    const isOver = () => performance.now() > until;

    async function listenOn(): Promise<void> {
      while (!isOver()) {
        const question = questions[Math.floor(chance() * questions.length)];
        if (!question) continue;
        const outcome = await listen(fleet.url, question, chance);
        report.requests[outcome]++;
        // While there is no edge, all are refused at once.
        if (outcome === "reset") await delay(100);
      }
    }

    async function makeFaults(): Promise<void> {
      const names = Object.keys(faults);
      for (let i = 0; !isOver(); i++) {
        await delay(300 + 700 * chance());
        // Short runs of several seeds come by all of them.
        const name = names[(seed + i) % names.length] ?? "";
        await faults[name]?.(fleet, chance);
        report.faults[name] = (report.faults[name] ?? 0) + 1;
        const text = (number: number) => `Sound again, ${i}, ${number}, ${seed}.`;
        const recoveredMs = await untilSpeaking(fleet.url, text);
        report.recoveredMs.push(recoveredMs);
        onFault?.(name, recoveredMs);
      }
    }

    await Promise.all([makeFaults(), ...Array.from({ length: listeners }, listenOn)]);
    return report;
  } finally {
    await fleet.close();
  }
}

/** What must not be, of a report. */
export function findFaultsOf({ requests, recoveredMs }: ChaosReport): string[] {
  const never = (["hung", "truncated", "wrong"] as const).flatMap((outcome) =>
    requests[outcome] > 0 ? [`${requests[outcome]} answers were ${outcome}`] : [],
  );
  const slow = recoveredMs.filter((ms) => ms > recoveryLimitMs).length;
  const isHeard = requests.complete > 0;
  return [
    ...never,
    ...(slow > 0
      ? [`${slow} times it took more than ${recoveryLimitMs / 1000} s to speak again`]
      : []),
    ...(isHeard ? [] : ["nobody heard anything"]),
  ];
}
