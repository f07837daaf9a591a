import type { Catalogue } from "../../shared/catalogue.ts";
import { firstAudio } from "../../shared/frames/first-audio.ts";
import { requestHeaders } from "../../shared/http/audio-headers.ts";
import type { Language } from "../../shared/languages.ts";
import { type SpeechRequest, speakWith } from "../../shared/speech-request.ts";
import type { Engines } from "../engine/engines.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { LexiconFile } from "../text/lexicon-file.ts";
import type { VoiceFiles } from "../voices/voice-files.ts";
import type { Admission, Urgency } from "./admission.ts";
import { admit } from "./admit.ts";
import { elementHeaders, ignoredFields } from "./ignored-fields.ts";
import { type Delivery, observe } from "./observe.ts";
import { planSpeech } from "./plan.ts";
import { createSegmentSeeds } from "./segment-seeds.ts";
import { speak } from "./speak.ts";
import type { SpokenFrame } from "./tally.ts";

/** What an answer is made with. */
export interface SpeechServices {
  engines: Engines;
  admission: Admission;
  metrics: Metrics;
  /** What a text is spoken in whose language does not tell. */
  defaultLanguage: Language;
  /** Of the voices that an input may name. */
  catalogue: Pick<Catalogue, "findVoice" | "voiceAliases">;
  /** How words are said, but for those of which a request has it otherwise. */
  lexicon?: LexiconFile | null;
  /** Of the voices that are kept here, or were sent along: none by default. */
  voiceFiles?: Pick<VoiceFiles, "read">;
}

export interface SpeechOrder {
  request: SpeechRequest;
  /** Whether another take than the usual one is wanted, unless the request names a seed. */
  newTake: boolean;
  /** `interactive` by default: somebody listens. */
  urgency?: Urgency;
  /** `streamed` by default where it is interactive; of a batch and a job nobody hears anything before all of it is there. */
  delivery?: Delivery;
  /** The id of an edge's key. */
  caller?: string;
}

export interface SpeechAnswer {
  /** Begins with audio: the head may be sent. */
  speech: AsyncGenerator<SpokenFrame, void>;
  headers: Record<string, string>;
}

/**
 * Begins to speak and waits for the first encoded audio. Throws an ApiError when it never comes; then nothing has been
 * sent. Aborting `signal` at any time, whether or not anybody reads, stops the engine and gives everything back.
 */
export async function answerSpeech(
  { request: asked, newTake, urgency, caller, delivery = "streamed" }: SpeechOrder,
  services: SpeechServices,
  log: Logger,
  signal: AbortSignal,
): Promise<SpeechAnswer> {
  const startedAt = performance.now();
  const request = speakWith(asked, services.engines.spokenWith(asked.model));
  const { defaultLanguage, catalogue, lexicon = null, voiceFiles, engines } = services;
  const plan = await planSpeech(request, {
    newTake,
    defaultLanguage,
    catalogue,
    lexicon,
    ...(voiceFiles ? { voiceFiles } : {}),
    engine: engines.answering(request.model).engine,
  });
  const segmentSeeds = createSegmentSeeds(plan.seeds);
  const entry = { urgency, caller, bindings: log.bindings() };
  const { engine, leave } = await admit(plan, services, signal, entry);
  let isSilence = false;
  const onSilence = () => {
    isSilence = true;
  };
  // Of a batch and a job nobody hears anything before all of it is there.
  const isHeard = (urgency ?? "interactive") === "interactive";
  const spoken = speak(plan, engine, signal, segmentSeeds, onSilence, undefined, isHeard);
  const speech = observe(spoken, {
    request,
    startedAt,
    delivery: isHeard ? delivery : "whole",
    segmentSeeds,
    engine: engine.name,
    metrics: services.metrics,
    log,
    signal,
    leave,
  });
  signal.addEventListener("abort", () => void speech.return().catch(() => {}), { once: true });
  try {
    const begun = await firstAudio(speech);
    signal.throwIfAborted();
    return {
      speech: begun,
      headers: {
        ...requestHeaders({ ...request, ignoredFields: ignoredFields(request, engine) }),
        "x-engine": engine.name,
        "x-seed": String(segmentSeeds.seed),
        "x-sample-rate": String(plan.sampleRate),
        ...elementHeaders(plan, engine),
        ...(isSilence ? { "x-speech": "none", "cache-control": "no-store" } : {}),
      },
    };
  } catch (cause) {
    await speech.return();
    throw cause;
  }
}
