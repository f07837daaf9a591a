import { usageOf } from "../../shared/answers.ts";
import { ApiError, invalidRequest } from "../../shared/api-error.ts";
import { toBase64 } from "../../shared/base64.ts";
import type { SpeechEnd } from "../../shared/frames/frame.ts";
import { toApiError } from "../../shared/http/errors.ts";
import { encodeAudioMessage, maxUnspokenCharacters } from "../../shared/socket.ts";
import { type SpeechRequest, speakWith } from "../../shared/speech-request.ts";
import { countCodePoints } from "../../shared/text-rules.ts";
import type { Engine } from "../engine/engine.ts";
import type { Logger } from "../log.ts";
import { admit, type SpeechNeeds } from "../speech/admit.ts";
import type { SpeechServices } from "../speech/answer.ts";
import { createGrowingSpeech, longestStretch } from "../speech/growing-speech.ts";
import { ignoredFields } from "../speech/ignored-fields.ts";
import { joinPackets } from "../speech/join-packets.ts";
import { keyValuePositions } from "../speech/key-value-positions.ts";
import { observe } from "../speech/observe.ts";
import { normalizationOf, planSpeech, type SpeechPlan } from "../speech/plan.ts";
import { createSegmentSeeds, type SegmentSeeds } from "../speech/segment-seeds.ts";
import { speak } from "../speech/speak.ts";
import { unchanged } from "../text/mapped-text.ts";
import { plainPassage } from "../text/passage.ts";
import { secondsToSay } from "../text/speaking-pace.ts";
import { noVoiceFiles } from "../voices/voice-files.ts";
import type { Outbox } from "./outbox.ts";

/** One text of a session, spoken as one file while it comes. */
export interface Context {
  readonly index: number;
  /** Throw an ApiError for what may not come now; then nothing of it has been taken. */
  append(text: string): void;
  flush(): void;
  done(): void;
  /** The same, if it has not been done. */
  finish(): void;
  /** Stops the engine and ends the context, for this reason. */
  stop(reason: StopReason): void;
  readonly ended: Promise<void>;
}

/** Why a context ended before all of its text was spoken. */
export type StopReason = "cancelled" | "lost" | "stopping";

export interface ContextOptions {
  id: string;
  index: number;
  request: SpeechRequest;
  audioDelivery: "binary" | "base64";
  /** How long it may wait for more text when all has been spoken. */
  idleMs: number;
  outbox: Outbox;
  services: SpeechServices;
  /** The id of an edge's key. */
  caller: string | undefined;
  log: Logger;
}

export function createContext(options: ContextOptions): Context {
  const { id, index, audioDelivery, idleMs, outbox, services, caller, log } = options;
  const { engines, metrics, defaultLanguage, catalogue, lexicon = null } = services;
  const { voiceFiles = noVoiceFiles } = services;
  const request = speakWith(options.request, engines.spokenWith(options.request.model));
  const { engine: speaker } = engines.answering(request.model);
  const speech = createGrowingSpeech(request, {
    defaultLanguage,
    catalogue,
    lexicon,
    scopeOf: (language) => normalizationOf(request, speaker ?? "qwen3", language),
  });
  const stopped = new AbortController();
  const { signal } = stopped;
  let stopReason: StopReason | undefined;
  let isIdle = false;
  let idleTimer = setTimeout(onIdle, idleMs);

  function onIdle(): void {
    idleTimer = setTimeout(onIdle, idleMs);
    if (speech.hasEnded || !speech.isWaiting) return;
    isIdle = true;
    speech.end();
  }

  function tell(type: string, fields: object): void {
    outbox.send((sequence) => JSON.stringify({ type, sequence, context_id: id, ...fields }));
  }

  function tellAudio(bytes: Uint8Array): void {
    if (audioDelivery === "base64") tell("response.audio.delta", { audio: toBase64(bytes) });
    else outbox.send((sequence) => encodeAudioMessage(sequence, index, bytes));
  }

  function tellCreated(engine: Engine, seeds: SegmentSeeds, isSilence: boolean): void {
    tell("response.created", {
      context_index: index,
      model: request.modelId,
      resolved_model: request.model,
      voice: request.voiceId,
      speaker: request.speaker,
      engine: engine.name,
      seed: seeds.seed,
      response_format: request.format,
      sample_rate: request.sampleRate,
      ignored_fields: ignoredFields(request, engine),
      ...(isSilence ? { speech: "none" } : {}),
    });
  }

  async function say(): Promise<SpeechEnd | undefined> {
    await speech.begun;
    signal.throwIfAborted();
    if (speech.failure) throw speech.failure;
    if (isIdle && speech.characters === 0) return undefined;
    if (speech.isBlank) {
      const message = `text must have something to say; it has ${speech.characters} characters, none but white space`;
      throw invalidRequest("string_below_min_length", message, "text");
    }
    const startedAt = performance.now();
    const plan = {
      // What a seed is derived from is not there yet: each is another take, and is told its seed.
      ...(await planSpeech(
        { ...request, input: "" },
        { newTake: true, defaultLanguage, catalogue, lexicon, voiceFiles, engine: speaker },
      )),
      passages: [],
    };
    const segmentSeeds = createSegmentSeeds(plan.seeds);
    const entry = { caller, bindings: { ...log.bindings(), context: id } };
    const { engine, leave } = await admit(plan, services, signal, entry, (lent) =>
      needsOf(lent, request, plan.voices),
    );
    let isSilence = false;
    const onSilence = () => {
      isSilence = true;
    };
    const text = speech.spokenWith(engine.segmentLimits, signal, plan.voices);
    const frames = joinPackets(
      observe(speak(plan, engine, signal, segmentSeeds, onSilence, text), {
        request,
        characters: () => speech.characters,
        textAt: () => speech.resumedAt,
        startedAt,
        delivery: "streamed",
        segmentSeeds,
        engine: engine.name,
        metrics,
        log,
        signal,
        leave,
      }),
      request.sampleRate,
    );
    signal.addEventListener("abort", () => void frames.return().catch(() => {}), { once: true });
    let isCreated = false;
    for await (const frame of frames) {
      await outbox.room(signal);
      if (frame.kind === "end") return frame.end;
      if (!isCreated) tellCreated(engine, segmentSeeds, isSilence);
      isCreated = true;
      if (frame.kind === "audio") tellAudio(frame.bytes);
      else {
        const { type, ...event } = frame.event;
        tell(type, event);
      }
    }
    throw new Error("the speech ended without its end");
  }

  async function run(): Promise<void> {
    let reason: string = "complete";
    let end: SpeechEnd | undefined;
    try {
      end = await say();
      if (isIdle) reason = "idle";
    } catch (cause) {
      reason = stopReason ?? "failed";
      if (!stopReason) {
        log.warn({ err: cause, context: id }, "context failed");
        tell("error", errorFields(cause));
      }
    } finally {
      clearTimeout(idleTimer);
      // What has come will be spoken no more.
      stopped.abort();
    }
    const counts = {
      characters: speech.characters - speech.unspoken,
      unspoken_characters: speech.unspoken,
    };
    tell("usage", { ...counts, ...(end ? { usage: usageOf(end) } : {}) });
    tell("response.done", {
      reason,
      ...counts,
      ...(end
        ? {
            finish: end.finish,
            audio_seconds: end.samples / end.sample_rate,
            bytes: end.bytes,
            sha256: end.sha256,
          }
        : {}),
    });
  }

  function requireOpen(): void {
    if (speech.hasEnded || signal.aborted) {
      throw invalidRequest(
        "context_ended",
        `The context ${JSON.stringify(id)} takes no more text: input.done has come.`,
        "context_id",
      );
    }
    idleTimer.refresh();
  }

  const ended = run();
  return {
    index,
    ended,
    append(text) {
      requireOpen();
      const unspoken = speech.unspoken + countCodePoints(text);
      if (unspoken > maxUnspokenCharacters) {
        throw new ApiError({
          status: 429,
          type: "rate_limit_error",
          code: "too_much_unspoken_text",
          param: "text",
          message: `A context must have at most ${maxUnspokenCharacters} characters that are not spoken yet; with this text it would have ${unspoken}`,
        });
      }
      speech.append(text);
    },
    flush() {
      requireOpen();
      speech.flush();
    },
    done() {
      requireOpen();
      speech.end();
    },
    finish() {
      if (!speech.hasEnded) speech.end();
    },
    stop(reason) {
      stopReason ??= reason;
      stopped.abort(new Error(`the context was stopped: ${reason}`));
      speech.abandon();
    },
  };
}

/** Of a text that is still to come: what its two longest stretches may need. */
function needsOf(
  engine: Engine,
  request: SpeechRequest,
  voices: SpeechPlan["voices"],
): SpeechNeeds {
  const text = longestStretch(engine.segmentLimits).repeat(2);
  const plan = { ...request, voices, passages: [plainPassage(unchanged(text), { ...request })] };
  return {
    positions: keyValuePositions(engine, plan),
    expectedSeconds: secondsToSay(text, engine.pace),
  };
}

/** An error as a message has it: the API's envelope, and the status that a request would have been answered with. */
export function errorFields(cause: unknown): object {
  const error = toApiError(cause);
  const seconds = Number(error.headers["retry-after"]);
  return {
    status: error.status,
    ...error.envelope,
    ...(seconds > 0 ? { retry_after: seconds } : {}),
  };
}
