import type { AudioFormat } from "../../shared/formats.ts";
import { resolveModel } from "../../shared/models.ts";
import type { SpeechEvent } from "../../shared/speech-events.ts";
import { joinTurns } from "../../shared/spoken-input.ts";
import type { SpeechFields } from "./api.ts";
import { noPeaks, type Peaks } from "./peaks.ts";

/** What the head of an answer says of where it came from. */
export interface Provenance {
  engine: string;
  /** The model that answers for the one asked for. */
  model: string;
  speaker: string;
  seed: string;
  /** As `X-Cache` has it; empty where there is no edge. */
  cache: string;
  ignoredFields: string;
}

/** A text spoken once, as it was asked for and heard. */
export interface Take {
  /** From 1; 0 for what is not kept. */
  number: number;
  fields: SpeechFields;
  /** Whether it is another take than the one that everybody gets. */
  isAnother: boolean;
  /** What it was streamed as, which may be another format than the one asked for. */
  heardAs: AudioFormat;
  from: Provenance;
  state: "arriving" | "whole" | "broken";
  /** From the click until something could be heard. */
  firstSoundMs?: number;
  /** From the click until all of it was here. */
  workMs?: number;
  peaks: Peaks;
  /** Of all of it, as the server guesses while it speaks. */
  likelySeconds?: number;
  /** What is told of when it is said. */
  events: SpeechEvent[];
  /** What can be played again. */
  file?: Blob;
}

/** All that is said. */
export function textOf({ input }: Pick<SpeechFields, "input">): string {
  return typeof input === "string" ? input : joinTurns(input);
}

/** What a take is called: what is said, and in a dialogue who says it. */
export function titleOf({ input }: Pick<SpeechFields, "input">, nameOf: (voice: string) => string) {
  if (typeof input === "string") return input;
  const said = input.map(({ voice, text }) => (voice ? `${nameOf(voice)}: ${text}` : text));
  return said.join(" — ");
}

/** Notes what happens in a take, or how far it has come. */
export function noteEvent(take: Take, event: SpeechEvent): void {
  if (event.type !== "speech.progress") take.events.push(event);
  else if (event.fraction) take.likelySeconds = event.seconds / event.fraction;
}

export function readProvenance({ headers }: Response): Provenance {
  const read = (name: string) => headers.get(name) ?? "";
  return {
    engine: read("x-engine"),
    model: read("x-resolved-model"),
    speaker: read("x-speaker"),
    seed: read("x-seed"),
    cache: read("x-cache").toUpperCase(),
    ignoredFields: read("x-ignored-fields"),
  };
}

export function beginTake(take: Pick<Take, "fields" | "isAnother" | "heardAs" | "from">): Take {
  return { ...take, number: 0, state: "arriving", peaks: noPeaks, events: [] };
}

const cacheWords: Readonly<Record<string, string>> = {
  HIT: "Hit: spoken before, from the edge’s cache",
  MISS: "Miss: spoken for you, and kept for the next",
  JOIN: "Joined: somebody else was just having it spoken",
  BYPASS: "Bypassed: spoken for you alone",
};

/** The facts of a take, in words, each with what it is called. */
export function factsOf(take: Take): [name: string, words: string][] {
  const { from, firstSoundMs, peaks, state } = take;
  return [
    ["First sound", firstSoundMs === undefined ? "…" : `after ${inMilliseconds(firstSoundMs)}`],
    ["Audio", `${peaks.seconds.toFixed(1)} s${state === "arriving" ? " so far" : ""}`],
    ["Real-time factor", speedInWords(take)],
    ["Cache", cacheInWords(take)],
    ["Engine", engineInWords(from)],
    ["Seed", from.seed || "unknown"],
    ...(from.ignoredFields
      ? [["Without effect", from.ignoredFields] satisfies [string, string]]
      : []),
  ];
}

function cacheInWords({ from, isAnother }: Take): string {
  if (isAnother && from.cache !== "") return "Passed by: another take than others get";
  return cacheWords[from.cache] ?? "None: the origin answers without an edge";
}

/** Work per second of audio, which is below 1 where speech arrives faster than it plays. */
export function realTimeFactor({ workMs, peaks }: Take): number | undefined {
  return workMs === undefined || peaks.seconds === 0 ? undefined : workMs / 1000 / peaks.seconds;
}

function speedInWords(take: Take): string {
  const factor = realTimeFactor(take);
  if (factor === undefined) return "…";
  const times = 1 / factor;
  const words =
    times >= 1.05
      ? `${times >= 10 ? Math.round(times) : times.toFixed(1)} times as fast as it plays`
      : "slower than it plays";
  return `${factor < 0.1 ? factor.toFixed(3) : factor.toFixed(2)}, ${words}`;
}

export function engineInWords({ engine, model, speaker }: Provenance): string {
  if (engine === "builtin") return "espeak-ng, standing in for a model";
  if (engine === "qwen3") return `Qwen3-TTS ${model}${speaker ? `, ${speaker}` : ""}`;
  return engine || "unknown";
}

export function inMilliseconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** How a take was asked for, in one line. */
export function settingsInWords({ fields, from }: Take, nameOf: (voice: string) => string): string {
  return [
    fields.model,
    typeof fields.input === "string" ? "" : `dialogue of ${fields.input.length}`,
    fields.voice === undefined ? "" : nameOf(fields.voice),
    fields.language ?? "",
    fields.speed === undefined ? "" : `${fields.speed}×`,
    fields.seed === undefined ? "" : `seed ${fields.seed}`,
    from.engine === "builtin" ? "stand-in" : "",
  ]
    .filter((word) => word !== "")
    .join(" · ");
}

/** Seconds that a text takes to say, roughly: what is drawn before its end is known. */
export function expectedSeconds(fields: SpeechFields): number {
  const { speed = 1 } = fields;
  const text = textOf(fields);
  const wide = text.match(/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/gu)?.length ?? 0;
  return (0.5 + 0.2 * wide + 0.07 * (text.length - wide)) / speed;
}

/** Whether a model follows instructions; one that this page does not know may. */
export function followsInstructions(resolvedModel: string): boolean {
  const known = resolveModel(resolvedModel);
  return !known || /1\.7b/.test(known.native);
}
