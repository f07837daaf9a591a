// One text of half an hour, through everything an answer passes between the model and the network. What is held must
// not depend on how much has been spoken.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createQwen3Engine } from "../../origin/engine/qwen3/engine.ts";
import { buildPack } from "../../origin/model/pack/build-pack.ts";
import { readManifest } from "../../origin/model/pack/manifest.ts";
import { speak } from "../../origin/speech/speak.ts";
import { unchanged } from "../../origin/text/mapped-text.ts";
import { plainPassage } from "../../origin/text/passage.ts";
import { childrenOf, residentBytes } from "../support/child-processes.ts";
import { writeCheckpoint } from "./checkpoint/write-checkpoint.ts";
import { findGrowth, type Held } from "./measure/growth.ts";
import { inMegabytes } from "./measure/notebook.ts";

const sentence = "The ferry leaves at noon, and we still have to pack our things and say goodbye. ";
/** About what a segment of two sentences takes when it is read aloud. */
const meanFrames = 120;
/** A good deal less than one takes, so that the text is long enough. */
const secondsPerSentence = 1;
const sampleEverySeconds = 60;

/** Prints what is held after every minute of sound. Throws when it grows. */
export async function measureLongText(minutes: number): Promise<void> {
  const room = mkdtempSync(join(tmpdir(), "bench-long-"));
  process.once("exit", () => rmSync(room, { recursive: true, force: true }));
  const folder = join(room, "checkpoint");
  writeCheckpoint(folder, { size: "tiny", kind: "custom_voice", seed: 1, meanFrames });
  const pack = await buildPack({
    folder,
    precision: "int8",
    modelsDirectory: join(room, "models"),
    selfTest: false,
  });

  const { model } = readManifest(pack);
  const engine = createQwen3Engine({ packFolder: pack });
  await engine.started();
  const stop = new AbortController();
  const held: Held[] = [];
  try {
    const plan = {
      input: "",
      timestamps: null,
      progress: false,
      model,
      isDialogue: false,
      voices: new Map(),
      sampling: {},
      passages: [
        plainPassage(unchanged(sentence.repeat((minutes * 60) / secondsPerSentence)), {
          speaker: "Ryan",
          blend: null,
          language: "english",
          instructions: null,
        }),
      ],
      defaultLanguage: "english",
      lexicon: null,
      isPlain: true,
      ignoredElements: [],
      styledElements: [],
      segmentation: "auto",
      seeds: [1],
      speed: 1.1,
      trimSilence: true,
      volume: 0,
      loudness: null,
      format: "mp3",
      sampleRate: 44_100,
      bitrate: 64_000,
    } as const;
    // Every stage is in it: tempo, resampler, trimming and an encoder whose bytes tell how much has been spoken.
    let bytes = 0;
    for await (const frame of speak(plan, engine, stop.signal)) {
      if (frame.kind !== "audio") continue;
      bytes += frame.bytes.length;
      const seconds = (8 * bytes) / plan.bitrate;
      if (seconds < (held.length + 1) * sampleEverySeconds) continue;
      held.push(weigh());
      process.stdout.write(`${describe(held)}\n`);
      if (held.length >= minutes) break;
    }
  } finally {
    stop.abort();
    await engine.close();
  }
  const growth = findGrowth(held);
  if (growth) throw new Error(growth);
  process.stdout.write(`flat over ${held.length} minutes\n`);
}

/** Of this process, which is what an origin is, and of its engine's. */
function weigh(): Held {
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  // TypeScript's loader keeps a small process too.
  const engine = Math.max(...childrenOf(process.pid).map(residentBytes));
  return {
    "resident memory": rss,
    heap: heapUsed,
    "array buffers": arrayBuffers,
    "the engine's resident memory": engine,
  };
}

function describe(samples: readonly Held[]): string {
  const facts = Object.entries(samples.at(-1) ?? {}).map(
    ([name, bytes]) => `${name} ${inMegabytes(bytes)}`,
  );
  return `${samples.length} min: ${facts.join(", ")}`;
}
