import type { SpeechEnd } from "../../shared/frames/frame.ts";
import { fileId } from "../../shared/identity.ts";
import type { SpeechEvent } from "../../shared/speech-events.ts";
import { type SpeechRequest, speakWith } from "../../shared/speech-request.ts";
import { logFault } from "../log-fault.ts";
import { ignoredByEngine } from "../speech-headers.ts";
import type { Cache } from "./cache.ts";
import { type AudioFile, assembleFile } from "./stored-audio.ts";

/** An answer that has been spoken to its proven end. */
export interface WholeAnswer {
  request: SpeechRequest;
  audio: readonly Uint8Array<ArrayBuffer>[];
  /** Where the request asked for any. */
  events: readonly SpeechEvent[];
  end: SpeechEnd;
  /** As the origin sent them. */
  headers: Record<string, string>;
}

interface KeptAnswer {
  /** The file that may be heard again; undefined when the answer is not one for others. */
  file: Promise<AudioFile | undefined>;
  /** Resolves when the cache has it, or has failed to take it. */
  stored: Promise<void>;
}

/** Stores a whole answer as a file, under the revision that made it, whichever was expected. Neither promise rejects. */
export function keepAnswer(answer: WholeAnswer, cache: Cache): KeptAnswer {
  const file = makeFile(answer, cache).catch((cause: unknown) => {
    logFault("a spoken file could not be kept", cause);
    return undefined;
  });
  return { file, stored: file.then((made) => made && store(answer.request, made, cache)) };
}

async function makeFile(answer: WholeAnswer, cache: Cache): Promise<AudioFile | undefined> {
  const { request, audio, events, end, headers } = answer;
  // A take that ran into its ceiling may be better the next time.
  if (!cache.isOn || end.finish !== "stop") return undefined;
  if (forbidsKeeping(headers)) return undefined;
  if (!(await cache.revisions.accept(request.model, end))) return undefined;
  const { model, format } = spokenBy(request, end);
  const ignored_fields = ignoredByEngine(headers, model);
  const ignored_elements = headers["x-ignored-elements"];
  const elements = ignored_elements === undefined ? {} : { ignored_elements };
  const file = await assembleFile(audio, end, { model, format, ignored_fields, ...elements });
  const level = request.timestamps;
  if (!level) return file;
  // How far it has come is of no interest once it is whole.
  const kept = events.filter(({ type }) => type !== "speech.progress");
  return { ...file, events: { sha256: file.facts.sha256, level, events: kept } };
}

/** The request as it was spoken. */
function spokenBy(request: SpeechRequest, { model }: Pick<SpeechEnd, "model">): SpeechRequest {
  return speakWith(request, model ?? request.model);
}

/** Whether an origin wants its answer kept nowhere. */
export function forbidsKeeping(headers: Record<string, string>): boolean {
  return /\bno-store\b/i.test(headers["cache-control"] ?? "");
}

async function store(request: SpeechRequest, file: AudioFile, cache: Cache): Promise<void> {
  const id = await fileId(spokenBy(request, file.facts), file.facts.revision);
  // What it may name, though it need not have: more is purged than need be, and never less.
  const voices = request.keptVoices.map(({ digest }) => digest);
  await cache.store.put(id, file, voices);
}
