import { ApiError, invalidRequest, unavailable } from "../../shared/api-error.ts";
import { concatenate } from "../../shared/byte-stream.ts";
import { type ModelId, nativeModelIds, nativeModels } from "../../shared/models.ts";
import { samples } from "../../shared/samples.ts";
import { type SpeechRequest, speechRequestSchema } from "../../shared/speech-request.ts";
import type { MadeVoice, VoiceMaker } from "../../shared/voices/voice-book.ts";
import type { VoiceOrder } from "../../shared/voices/voice-order.ts";
import type { Logger } from "../log.ts";
import { guessLanguage } from "../text/detect-language.ts";
import { frameLevels } from "../voices/recording/levels.ts";
import { readRecording } from "../voices/recording/read-recording.ts";
import {
  type Recording,
  recordingSampleRate,
  recordingSeconds,
} from "../voices/recording/recording.ts";
import { trimToSpeech } from "../voices/recording/trim.ts";
import { digestOfVoiceFile, type VoiceContent, writeVoiceFile } from "../voices/voice-file.ts";
import { answerSpeech, type SpeechServices } from "./answer.ts";

/** Of a description: a take may break off. */
const maxTakes = 3;

/** What a recording comes to. */
type Sound = Pick<Recording, "samples" | "seconds">;

/**
 * Makes voices with this origin's models: of a recording, what each Base model hears in it; of a description, first the
 * recording, which VoiceDesign speaks once.
 */
export function createVoiceMaker(services: SpeechServices, log: Logger): VoiceMaker {
  const { engines } = services;
  const isInstalled = (model: ModelId) => engines.answering(model).engine === "qwen3";
  const ofKind = (kind: string) => nativeModelIds.filter((id) => nativeModels[id].kind === kind);

  async function encode(
    sound: Sound,
    refText: string | null,
    signal: AbortSignal,
  ): Promise<MadeVoice> {
    const models = ofKind("base").filter(isInstalled);
    if (models.length === 0) throw notInstalled("Voices are made", ofKind("base"));
    const encodings: [ModelId, { xVector: Float32Array; encoder: string }][] = [];
    let reference: VoiceContent["reference"] = null;
    for (const model of models) {
      const { engine, release } = await engines.borrow(model, signal);
      try {
        if (!engine.encodeVoice) throw notInstalled("Voices are made", ofKind("base"));
        const withCodes = refText !== null && reference === null;
        const recording = { samples: sound.samples, withCodes };
        const { xVector, codes, frames, encoder } = await engine.encodeVoice(
          model,
          recording,
          signal,
        );
        encodings.push([model, { xVector, encoder }]);
        if (codes && refText !== null) reference = { codes, frames, text: refText };
      } finally {
        release();
      }
    }
    const file = writeVoiceFile({ encodings: new Map(encodings), reference });
    return {
      file,
      digest: digestOfVoiceFile(file),
      models,
      seconds: Math.round(sound.seconds * 1000) / 1000,
      has_reference: reference !== null,
    };
  }

  /** Speaks a description's script once. */
  async function design(
    { prompt, language, scriptHint }: Extract<VoiceOrder, { type: "prompt" }>,
    signal: AbortSignal,
  ): Promise<{ sound: Sound; script: string }> {
    const [model] = ofKind("voice_design").filter(isInstalled);
    if (!model) throw notInstalled("Voices are designed", ofKind("voice_design"));
    const script = scriptHint ?? samples[language ?? guessLanguage(prompt) ?? "english"];
    const request = speechRequestSchema.parse({
      model,
      input: script,
      instructions: prompt,
      language: language ?? "auto",
      response_format: "pcm",
      sample_rate: recordingSampleRate,
    });
    for (let take = 1; ; take++) {
      const sound = trimmed(await speakOnce(request, signal));
      if (isUsable(sound)) return { sound, script };
      if (take === maxTakes) throw wrongLength(sound);
    }
  }

  /** Signed samples of 16 bits, another take each time. */
  async function speakOnce(request: SpeechRequest, signal: AbortSignal): Promise<Uint8Array> {
    const order = { request, newTake: true, delivery: "whole" } as const;
    const { speech } = await answerSpeech(order, services, log, signal);
    const parts: Uint8Array[] = [];
    for await (const frame of speech) if (frame.kind === "audio") parts.push(frame.bytes);
    signal.throwIfAborted();
    return concatenate(parts);
  }

  return {
    async make(order, signal) {
      if (order.type === "prompt") {
        const { sound, script } = await design(order, signal);
        return encode(sound, script, signal);
      }
      return encode(await readRecording(order.recording, { signal }), order.refText, signal);
    },
    async hear(recording, signal) {
      try {
        const { seconds } = await readRecording(recording, { signal });
        return { seconds };
      } catch (cause) {
        // A consent's recording has another field's name.
        if (!(cause instanceof ApiError) || cause.param !== "audio_sample") throw cause;
        const { message, code } = cause;
        throw invalidRequest(code ?? "invalid_audio", message, "recording");
      }
    },
  };
}

/** Of signed samples of 16 bits, without the silence around it. */
function trimmed(pcm: Uint8Array): Sound {
  const integers = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.byteLength / 2);
  const whole = Float32Array.from(integers, (sample) => sample / 32_768);
  const samples = trimToSpeech(whole, frameLevels(whole));
  return { samples, seconds: samples.length / recordingSampleRate };
}

function isUsable({ seconds }: Sound): boolean {
  return seconds >= recordingSeconds.min && seconds <= recordingSeconds.max;
}

function wrongLength({ seconds }: Sound): ApiError {
  const { min, max } = recordingSeconds;
  const message = `script_hint must be spoken in ${min} to ${max} seconds; it took ${seconds.toFixed(1)}`;
  return invalidRequest("invalid_audio_length", message, "script_hint");
}

function notInstalled(what: string, models: readonly ModelId[]): ApiError {
  const message = `${what} by ${models.join(" or ")}, and none of them is installed here.`;
  return unavailable("model_not_loaded", message, 60, { repeats: true });
}
