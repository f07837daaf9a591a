import { setTimeout as delay } from "node:timers/promises";
import { createRandom } from "../support/random.ts";
import { postSpeech } from "../support/speech.ts";
import type { Fault, Scene } from "./fault.ts";
import { faults, impossibleFaults } from "./faults.ts";
import { startFleet } from "./fleet.ts";
import { fleetToken } from "./fleet-origin.ts";
import { hearJob, prepareScripts } from "./job-listener.ts";
import { listen, type Outcome, outcomes, prepareQuestions, type Question } from "./listener.ts";
import { untilSpeaking } from "./recovery.ts";

export interface ChaosReport {
  requests: Record<Outcome, number>;
  jobs: Record<Outcome, number>;
  /** How often each fault was made, of those that were. */
  faults: Record<string, number>;
  /** Why others were not. */
  leftOut: Record<string, string>;
  /** After each, how long it took until all worked again, in milliseconds; Infinity where it never did. */
  recoveries: Recovery[];
  /** What else was not as it must be, a sentence each. */
  findings: string[];
}

interface Recovery {
  fault: string;
  ms: number;
  /** Why new texts were not spoken after it, as "503 engine_not_ready", each reason once. */
  refusals: string[];
}

export interface ChaosOptions {
  seconds: number;
  /** Says which fault is the first; then each is made once before any is made again. */
  seed: number;
  listeners?: number;
  /** Only faults with that in their names are made. */
  only?: string;
  /** Whether an origin of Qwen3 models is part of the fleet; it takes some seconds to be there. */
  withQwen3?: boolean;
  onFault?: (recovery: Recovery) => void;
}

/** The most that a fleet may take to work again. */
export const recoveryLimitMs = 5000;

const noOutcomes = () =>
  Object.fromEntries(outcomes.map((name) => [name, 0])) as Record<Outcome, number>;

/** Has many listen, and jobs be spoken, while one fault after the other is made, and judges every answer. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seconds, seed, listeners = 6, only = "", withQwen3 = true, onFault } = options;
  const chance = createRandom(seed);
  const fleet = await startFleet(2, { withSmallDisk: true, withQwen3 });
  const report: ChaosReport = {
    requests: noOutcomes(),
    jobs: noOutcomes(),
    faults: {},
    leftOut: impossibleFaults(fleet),
    recoveries: [],
    findings: [],
  };
  const possible = Object.entries(faults).filter(
    ([name]) => name.includes(only) && report.leftOut[name] === undefined,
  );
  try {
    const [first] = fleet.origins;
    const { qwen3 } = fleet;
    const spoken = await prepareQuestions(24, askQuietly(first?.url ?? ""));
    const spokenByQwen3 = qwen3 ? await prepareQuestions(16, askQuietly(qwen3.origin.url)) : [];
    const [short, long] = await prepareScripts(first?.url ?? "", [8, 80]);
    if (!short || !long) throw new Error("there are two scripts");
    const until = performance.now() + seconds * 1000;
    const isOver = () => performance.now() > until;
    let texts = 0;
    const newText = () => `Sound again, ${texts++}, ${seed}.`;
    const scene: Scene = { fleet, chance, newText, scripts: { short, long } };

    async function listenOn(): Promise<void> {
      while (!isOver()) {
        const isQwen3s = qwen3 !== undefined && chance() < 0.3;
        const question = oneOf(isQwen3s ? spokenByQwen3 : spoken);
        const outcome = await listen(isQwen3s ? qwen3.url : fleet.url, question, chance);
        report.requests[outcome]++;
        // While there is no edge, all are refused at once.
        if (outcome === "reset") await delay(100);
      }
    }

    function oneOf(questions: readonly Question[]): Question {
      const question = questions[Math.floor(chance() * questions.length)];
      if (!question) throw new Error("there are questions");
      return question;
    }

    async function orderJobs(): Promise<void> {
      while (!isOver()) {
        const { outcome, error } = await hearJob(() => fleet.url, scene.scripts.short);
        report.jobs[outcome]++;
        if (outcome === "hung") report.findings.push(`a job came to no end: ${error}`);
        await delay(500);
      }
    }

    async function makeFaults(): Promise<void> {
      for (let i = 0; !isOver(); i++) {
        await delay(300 + 700 * chance());
        // Short runs of several seeds come by all of them.
        const [name, fault] = possible[(seed + i) % possible.length] ?? [];
        if (name === undefined || !fault) throw new Error(`no fault has "${only}" in its name`);
        await makeOne(name, fault);
      }
    }

    async function makeOne(name: string, fault: Fault): Promise<void> {
      const aftermath = await fault.make(scene);
      report.faults[name] = (report.faults[name] ?? 0) + 1;
      const refusals = new Set<string>();
      const note = (reason: string) => void refusals.add(reason);
      const ms = Math.max(
        ...(await Promise.all([
          untilSpeaking(fleet.url, newText, note),
          qwen3 ? untilSpeaking(qwen3.url, newText, note) : 0,
          aftermath?.untilWorking?.() ?? 0,
        ])),
      );
      const later = (await aftermath?.judge?.()) ?? [];
      report.findings.push(...(aftermath?.findings ?? []), ...later);
      const recovery: Recovery = { fault: name, ms, refusals: [...refusals] };
      report.recoveries.push(recovery);
      onFault?.(recovery);
    }

    const listening = Array.from({ length: listeners }, listenOn);
    await Promise.all([makeFaults(), orderJobs(), ...listening]);
    // Whatever became of others: now that nothing fails, it is done.
    report.jobs[(await hearJob(() => fleet.url, short)).outcome]++;
    return report;
  } finally {
    await fleet.close();
  }
}

function askQuietly(originUrl: string) {
  const headers = { authorization: `Bearer ${fleetToken}` };
  return (fields: object) => postSpeech(originUrl, { ...fields }, { headers });
}

/** What must not be, of a report. */
export function findFaultsOf(report: ChaosReport): string[] {
  const { requests, jobs, recoveries, findings } = report;
  const never = (["hung", "truncated", "wrong"] as const).flatMap((outcome) => [
    ...(requests[outcome] > 0 ? [`${requests[outcome]} answers were ${outcome}`] : []),
    ...(jobs[outcome] > 0 ? [`${jobs[outcome]} jobs were ${outcome}`] : []),
  ]);
  const slow = recoveries
    .filter(({ ms }) => ms > recoveryLimitMs)
    .map(({ fault, ms, refusals }) => {
      const why = refusals.length > 0 ? ` (${refusals.join(", ")})` : "";
      return `${fault}: all worked again after ${Math.round(ms)} ms only${why}`;
    });
  const heard = requests.complete > 0 ? [] : ["nobody heard anything"];
  const done = jobs.complete > 0 ? [] : ["no job was done"];
  return [...never, ...findings, ...slow, ...heard, ...done];
}

/** Those that the time was too short for. */
export function notComeBy({ faults: made, leftOut }: ChaosReport): string[] {
  return Object.keys(faults).filter((name) => !made[name] && leftOut[name] === undefined);
}
