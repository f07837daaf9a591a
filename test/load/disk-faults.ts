import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import type { SmallDisk } from "../support/small-disk.ts";
import { postSpeech } from "../support/speech.ts";
import { speakAt48k, toFloatWav } from "../support/spoken-recordings.ts";
import type { Aftermath, Fault, Scene } from "./fault.ts";
import { fleetToken } from "./fleet-origin.ts";
import { hearJob, type JobOutcome } from "./job-listener.ts";
import { untilInARow } from "./recovery.ts";

const fillEveryMs = 20;
const beginMs = 500;
const limitMs = 30_000;
const noRoom = "insufficient_storage";
const bad = ["hung", "truncated", "wrong"];

/** Fills a disk to its last byte, and whatever becomes free of it, until it is told to stop. */
function fill({ directory }: SmallDisk): () => void {
  const path = join(directory, "filler");
  const file = openSync(path, "w");
  const more = () => {
    for (const size of [1 << 20, 4096]) {
      const zeros = Buffer.alloc(size);
      try {
        for (;;) writeSync(file, zeros);
      } catch {
        // Full.
      }
    }
  };
  more();
  const filling = setInterval(more, fillEveryMs);
  return () => {
    clearInterval(filling);
    closeSync(file);
    rmSync(path);
  };
}

function diskOf({ fleet: { disk } }: Scene): SmallDisk {
  if (!disk) throw new Error("this fault needs a small disk");
  return disk;
}

export const diskFaults: Readonly<Record<string, Fault>> = {
  "disk full for jobs": { needs: ["disk"], make: fillForJobs },
  "disk full for cloned voices": { needs: ["disk", "qwen3"], make: fillForVoices },
};

/** Fills the disk while a job is spoken, and hands others in. */
async function fillForJobs(scene: Scene): Promise<Aftermath> {
  const {
    fleet,
    scripts: { short, long },
  } = scene;
  const disk = diskOf(scene);
  const underWay = hearJob(() => fleet.url, long);
  await delay(beginMs);
  const free = fill(disk);
  const others: JobOutcome[] = [];
  try {
    const until = performance.now() + limitMs;
    while (!others.some(({ error }) => error === noRoom) && performance.now() < until) {
      others.push(await hearJob(() => fleet.url, short));
    }
    others.push(await underWay);
  } finally {
    free();
  }
  const told = others.some(({ error }) => error === noRoom);
  const findings = others
    .filter(({ outcome }) => bad.includes(outcome))
    .map(({ outcome }) => `a job on a full disk was ${outcome}`);
  return {
    findings: told ? findings : [...findings, "no job was told that the disk is full"],
    untilWorking: () =>
      untilInARow(1, async () => (await hearJob(() => fleet.url, short)).outcome === "complete"),
  };
}

/** Fills the disk before voices are made of a recording. */
async function fillForVoices(scene: Scene): Promise<Aftermath> {
  const origin = scene.fleet.qwen3?.origin;
  if (!origin) throw new Error("this fault needs an origin that clones voices");
  const voices = await voicesOf(origin.url);
  const before = await voices.names();
  const free = fill(diskOf(scene));
  let answer: Answer;
  let kept: string[];
  try {
    answer = await voices.make("Nobody");
    kept = await voices.names();
  } finally {
    free();
  }
  const isTold = answer.status === 507 && answer.code === noRoom;
  const isKept = kept.length !== before.length;
  let made = 0;
  return {
    findings: [
      ...(isTold ? [] : [`a voice on a full disk was answered ${answer.status} ${answer.code}`]),
      ...(isKept ? ["a voice that found no room is in the list"] : []),
    ],
    untilWorking: () =>
      untilInARow(1, async () => {
        const name = `Anna ${scene.newText()} ${made++}`.slice(0, 60);
        const { id } = await voices.make(name);
        return id !== undefined && (await voices.isHeard(id));
      }),
  };
}

interface Answer {
  status: number;
  /** Of an error. */
  code: string | null;
  id?: string | undefined;
}

/** The voices that an origin keeps for whoever asks it without an edge. */
async function voicesOf(url: string) {
  const recording = new Blob([toFloatWav([await speakAt48k()], 48_000)]);
  const authorization = `Bearer ${fleetToken}`;

  async function post(path: string, fields: Record<string, string | Blob>): Promise<Answer> {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    const signal = AbortSignal.timeout(limitMs);
    const answer = await fetch(url + path, {
      method: "POST",
      headers: { authorization },
      body,
      signal,
    });
    const told: unknown = await answer.json();
    const { error } = errorEnvelopeSchema.safeParse(told).data ?? {};
    return { status: answer.status, code: error?.code ?? null, id: (told as { id?: string }).id };
  }

  const consent = await post("/v1/audio/voice_consents", {
    name: `Agreed ${Date.now()}`,
    language: "en-US",
    recording,
  });
  return {
    make: (name: string) =>
      post("/v1/audio/voices", { name, audio_sample: recording, consent: consent.id ?? "" }),
    async names(): Promise<string[]> {
      const answer = await fetch(`${url}/v1/audio/voices`, { headers: { authorization } });
      return ((await answer.json()) as { data: { name: string }[] }).data.map(({ name }) => name);
    },
    /** Deletes it, too: it is one of many. */
    async isHeard(id: string): Promise<boolean> {
      const fields = { model: "qwen3-tts-12hz-0.6b-base", voice: { id }, response_format: "pcm" };
      const answer = await postSpeech(url, fields, { headers: { authorization } });
      const { byteLength } = await answer.arrayBuffer();
      await fetch(`${url}/v1/audio/voices/${id}`, { method: "DELETE", headers: { authorization } });
      return answer.status === 200 && byteLength > 0;
    },
  };
}
