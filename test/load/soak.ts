import { setTimeout as delay } from "node:timers/promises";
import { createRandom } from "../support/random.ts";
import { openSocket } from "../support/socket-client.ts";
import { postSpeech } from "../support/speech.ts";
import { startFleet } from "./fleet.ts";
import { listen, type Outcome, outcomes, prepareQuestions, type Question } from "./listener.ts";
import {
  createMemoryTraces,
  descriptorsOf,
  type MemoryTrace,
  slopeOf,
  workerdPids,
} from "./memory.ts";

export interface SoakReport {
  requests: Record<Outcome, number>;
  batches: number;
  sockets: number;
  jobs: number;
  traces: readonly MemoryTrace[];
  /** What is there afterwards and was not before. */
  left: string[];
}

export interface SoakOptions {
  seconds: number;
  seed: number;
  listeners?: number;
  onMinute?: (report: SoakReport) => void;
}

/** A process may grow so much in a minute: less than a day of it would fill a machine. */
export const maxGrowth = 4;
/** Whatever takes longer has hung. Batches and jobs make way for listeners, of whom there are always some. */
const limitMs = 180_000;
/** Of less, the slope is noise. */
const judgedSeconds = 600;

/** Has many ask for everything there is, in all ways, and watches what the processes take. */
export async function runSoak({
  seconds,
  seed,
  listeners = 6,
  onMinute,
}: SoakOptions): Promise<SoakReport> {
  const chance = createRandom(seed);
  const fleet = await startFleet(2);
  const memory = createMemoryTraces();
  const report: SoakReport = {
    requests: Object.fromEntries(outcomes.map((name) => [name, 0])) as Record<Outcome, number>,
    batches: 0,
    sockets: 0,
    jobs: 0,
    traces: [],
    left: [],
  };
  const headers = { authorization: "Bearer between-edge-and-origins" };
  try {
    const [first] = fleet.origins;
    const questions = await prepareQuestions(32, (fields) =>
      postSpeech(first?.url ?? "", { ...fields }, { headers }),
    );
    const descriptors = fleet.origins.map((origin) => descriptorsOf(origin.pid()));
    const until = performance.now() + seconds * 1000;
    const isOver = () => performance.now() > until;
    const any = () => questions[Math.floor(chance() * questions.length)] as Question;

    async function listenOn(): Promise<void> {
      while (!isOver()) report.requests[await listen(fleet.url, any(), chance)]++;
    }

    async function askOtherwise(): Promise<void> {
      while (!isOver()) {
        await delay(500 * chance());
        const way = [batch, socket, job][Math.floor(3 * chance())] ?? batch;
        const late = delay(limitMs, "late", { ref: false });
        if ((await Promise.race([way(), late])) === "late") {
          report.requests.hung++;
          report.left.push(`a ${way.name} came to no end`);
        }
      }
    }

    async function batch(): Promise<void> {
      const items = Array.from({ length: 6 }, any);
      const answer = await post(fleet.url, "/v1/audio/speech/batch", {
        items: items.map(({ fields }) => fields),
      });
      const lines = (await answer.text())
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      const isRight = lines.every(({ index, audio }) =>
        Buffer.from(audio ?? "", "base64").equals(items[index]?.answer ?? Buffer.alloc(0)),
      );
      report.requests[isRight && lines.length === items.length ? "complete" : "wrong"]++;
      report.batches++;
    }

    async function socket(): Promise<void> {
      const client = await openSocket(fleet.url);
      client.append("a", "A sentence that is written while it is spoken. And one more.");
      client.done("a");
      const { reason } = await client.until("response.done", "a");
      client.socket.close(1000);
      report.requests[reason === "complete" ? "complete" : "error"]++;
      report.sockets++;
    }

    async function job(): Promise<void> {
      const answer = await post(fleet.url, "/v1/audio/jobs", {
        input: "A short script. ".repeat(20),
      });
      const { id } = (await answer.json()) as { id?: string };
      if (id === undefined) return void report.requests.error++;
      for (let status = "queued"; ["queued", "running"].includes(status); await delay(100)) {
        ({ status } = (await (await fetch(`${fleet.url}/v1/audio/jobs/${id}`)).json()) as {
          status: string;
        });
      }
      const file = await fetch(`${fleet.url}/v1/audio/jobs/${id}/file`);
      const bytes = (await file.arrayBuffer()).byteLength;
      await fetch(`${fleet.url}/v1/audio/jobs/${id}`, { method: "DELETE" });
      report.requests[file.status === 200 && bytes > 0 ? "complete" : "wrong"]++;
      report.jobs++;
    }

    async function watch(): Promise<void> {
      for (let second = 1; !isOver(); second++) {
        await delay(1000);
        memory.note([
          ...fleet.origins.flatMap((origin, i) => [
            { name: `origin ${i}`, pid: origin.pid() },
            { name: `engine ${i}`, pid: origin.enginePids()[0] },
          ]),
          ...workerdPids().map((pid) => ({ name: "workerd", pid })),
        ]);
        report.traces = [...memory.traces.values()];
        if (second % 60 === 0) onMinute?.(report);
      }
    }

    await Promise.all([watch(), askOtherwise(), ...Array.from({ length: listeners }, listenOn)]);
    await delay(2000);
    for (const [i, origin] of fleet.origins.entries()) {
      const health = (await (await fetch(`${origin.url}/health`)).json()) as {
        active_streams: number;
      };
      const more = descriptorsOf(origin.pid()) - (descriptors[i] ?? 0);
      if (health.active_streams > 0)
        report.left.push(`origin ${i} still speaks ${health.active_streams} answers`);
      // Connections of edges are kept for a while.
      if (more > 40) report.left.push(`origin ${i} has ${more} more descriptors`);
    }
    return report;
  } finally {
    await fleet.close();
  }
}

function post(url: string, path: string, fields: object): Promise<Response> {
  return fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "tts-1", ...fields }),
  });
}

/** What must not be, of a report. */
export function findFaultsOfSoak({ requests, traces, left }: SoakReport): string[] {
  const never = (["hung", "truncated", "wrong", "reset"] as const).flatMap((outcome) =>
    requests[outcome] > 0 ? [`${requests[outcome]} answers were ${outcome}`] : [],
  );
  const growing = traces
    .filter((trace) => trace.megabytes.length >= judgedSeconds && slopeOf(trace) > maxGrowth)
    .map((trace) => `${trace.name} grows by ${slopeOf(trace).toFixed(1)} MB a minute`);
  return [...never, ...growing, ...left];
}
