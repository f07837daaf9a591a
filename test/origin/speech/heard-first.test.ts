// A machine that is slower than speech makes what is heard next, and a faster one shares its steps between the segments of
// a text. All by the clock of a simulated engine.
import { describe, expect, it } from "vitest";
import type { Engine } from "../../../origin/engine/engine.ts";
import { speakSegments } from "../../../origin/speech/speak-segments.ts";
import { type SpokenSegment, segmentsOf } from "../../../origin/speech/spoken-segments.ts";
import { unchanged } from "../../../origin/text/mapped-text.ts";
import { plainPassage } from "../../../origin/text/passage.ts";
import { type Costs, type Reader, simulateTexts } from "../../support/simulated-engine.ts";

const limits = { rows: 16, frames: 8 };
const sentence =
  "The ferry leaves at noon, and we still have to pack our things and say goodbye to everyone. ";

/** A machine that speaks one stream in so many times the time that it lasts: half of it is shared with further streams. */
function machine(rtf: number, promptSeconds: number): Costs {
  const frame = 0.08 * rtf;
  return { prompt: promptSeconds * rtf, frame: 0.5 * frame, row: 0.1 * frame, codec: 0.4 * frame };
}

function segments(passages: { text: string; speaker: "Ryan" | "Vivian" }[]): SpokenSegment[] {
  const manner = { blend: null, language: "english", instructions: null } as const;
  return segmentsOf(
    {
      model: "qwen3-tts-12hz-0.6b-custom-voice",
      voices: new Map(),
      sampling: {},
      segmentation: "auto",
      isDialogue: passages.length > 1,
      passages: passages.map(({ text, speaker }) =>
        plainPassage(unchanged(text), { ...manner, speaker }),
      ),
    },
    { first: 120, others: 240 },
  );
}

const text = segments([{ text: sentence.repeat(50).slice(0, 4096), speaker: "Ryan" }]);
const turns = [
  "No.",
  "The ferry leaves at noon.",
  sentence.slice(0, 60),
  sentence,
  "Are you sure?",
];
const dialogue = segments(
  Array.from({ length: 40 }, (_, index) => ({
    text: turns[index % turns.length] ?? "",
    speaker: index % 2 === 0 ? ("Ryan" as const) : ("Vivian" as const),
  })),
);

function play(spoken: SpokenSegment[], costs: Costs, readers: Reader[], speed: number | null = 1) {
  const seeds = {
    seed: 1,
    retries: 0,
    async *seedsOf() {
      yield { seed: 1, isLast: true };
    },
  };
  async function* speak(engine: Pick<Engine, "sampleRate" | "synthesize">) {
    const stop = new AbortController();
    const options = { speed };
    try {
      yield* speakSegments(engine as Engine, spoken, seeds, stop.signal, options);
    } finally {
      stop.abort();
    }
  }
  return simulateTexts(speak, readers, costs, limits);
}

/** Seconds of silence in the first 16 s, at most: all of them are less than when each segment begins early come what may. */
const longestGaps = [
  { rtf: 0.5, ofText: 0, ofDialogue: 0.2, ofClone: 0 },
  { rtf: 0.9, ofText: 0.6, ofDialogue: 0.9, ofClone: 1 },
  { rtf: 1.2, ofText: 4, ofDialogue: 2.5, ofClone: 4.5 },
  { rtf: 1.8, ofText: 12.5, ofDialogue: 11.5, ofClone: 14 },
];
const presetPrompt = 0.2;
/** In context, with some ten seconds of a recording. */
const clonePrompt = 1.1;

async function gapsOf(spoken: SpokenSegment[], costs: Costs): Promise<number> {
  const { played } = await play(spoken, costs, [{ isPaced: true, maxSeconds: 16 }]);
  return Math.max(...played.map(({ gapSeconds }) => gapSeconds));
}

describe.each(longestGaps)("on a machine of RTF $rtf", ({ rtf, ofText, ofDialogue, ofClone }) => {
  it("what is heard of a text goes before what comes later", async () => {
    expect(await gapsOf(text, machine(rtf, presetPrompt))).toBeLessThanOrEqual(ofText);
  });

  it("what is heard of a dialogue goes before the next turn", async () => {
    expect(await gapsOf(dialogue, machine(rtf, presetPrompt))).toBeLessThanOrEqual(ofDialogue);
  });

  it("long prompts of cloned voices are read when there is time for them", async () => {
    expect(await gapsOf(text, machine(rtf, clonePrompt))).toBeLessThanOrEqual(ofClone);
  });

  it.each([
    ["text", text, 1.04],
    ["dialogue", dialogue, 1.17],
  ])(
    "a reader of a whole %s without deadline has it about as soon as when all steps are shared",
    async (_, spoken, factor) => {
      const costs = machine(rtf, presetPrompt);
      const reader = { isPaced: false };
      const heard = await play(spoken, costs, [reader]);
      const unheard = await play(spoken, costs, [reader], null);

      expect(unheard.steps.some(({ rows }) => rows === 2)).toBe(true);
      const [one, other] = [heard.played[0]?.seconds ?? Infinity, unheard.played[0]?.seconds ?? 0];
      expect(one).toBeLessThan(factor * other);
    },
  );
});

it("four listeners whom a machine can just serve wait no longer than when all is made as soon as it can be", async () => {
  const costs = machine(0.42, presetPrompt);
  const readers = Array.from({ length: 4 }, () => ({ isPaced: true, maxSeconds: 60 }));
  const heard = await play(text, costs, readers);
  const unheard = await play(text, costs, readers, null);
  const gaps = ({ played }: typeof heard) => played.map(({ gapSeconds }) => gapSeconds);
  expect(Math.max(...gaps(heard))).toBeLessThanOrEqual(Math.max(...gaps(unheard)));
});
