import { unavailable } from "../../../shared/api-error.ts";
import { clonesVoices } from "../../model/checkpoint/model-config.ts";
import { resolveSampling } from "../../model/generate/sampling-options.ts";
import type { LoadedPack } from "../../model/pack/open-pack.ts";
import { layOutPrompt } from "../../model/prompt/prompt-layout.ts";
import { tokenizePrompt } from "../../model/prompt/prompt-text.ts";
import { voiceTokens } from "../../model/prompt/voice-tokens.ts";
import type { SegmentLimits } from "../../text/segments.ts";
import type { HearWords, Listener, Utterance, UtteranceEnd } from "../engine.ts";
import type { ReportWork, Synthesizer } from "../serve.ts";
import { checkVoice } from "./check-voice.ts";
import { checkContext, positionsOf } from "./context-limits.ts";
import { expectedSeconds, longestSeconds, slowestPace, usualPace } from "./duration-bounds.ts";
import {
  createLeadingSilence,
  isLeadingSilenceCut,
  leadingSilentFrames,
} from "./leading-silence.ts";
import { packRevision } from "./pack-revision.ts";
import { createRunawayGuard } from "./runaway-guard.ts";
import { createScheduler } from "./scheduler.ts";
import { stepLimits } from "./turns.ts";
import { createVoiceMemory } from "./voice-memory.ts";

/** What the model was trained on is a few sentences at a time; the first sound waits for the first prompt. */
const segmentLimits: SegmentLimits = { first: 120, others: 240 };

/** Speaks with the model of this pack. */
export function createQwen3Synthesizer(
  pack: LoadedPack,
  report: ReportWork = () => {},
): Synthesizer {
  const { model, shapes } = pack.manifest;
  const limits = stepLimits[pack.device];
  const secondsPerFrame = shapes.samples_per_frame / shapes.sample_rate;
  // Packs are tested on the CPU.
  const frameMilliseconds = pack.manifest.self_test?.milliseconds_per_frame;
  const speed =
    pack.device === "cpu" && frameMilliseconds
      ? (1000 * secondsPerFrame) / frameMilliseconds
      : undefined;
  const voices = createVoiceMemory(pack, { report });
  const { encoders } = pack;
  const maxPositions = positionsOf(pack.config.talker_config);
  const clones = clonesVoices(pack.config);
  /** As the publisher's code has it for each kind of model. */
  const textLayout = clones ? "streaming" : "whole";
  const cutsLeadingSilence = isLeadingSilenceCut(pack.manifest);
  const scheduler = createScheduler({
    generator: pack.generator,
    decodesBeside: pack.isApart,
    limits,
    codebooks: shapes.codebooks,
    secondsPerFrame,
    report,
  });

  async function* synthesize(
    utterance: Utterance,
    signal: AbortSignal,
    _onWords?: HearWords,
    listener?: Listener,
  ): AsyncGenerator<Float32Array, UtteranceEnd> {
    if (utterance.model !== model) {
      throw unavailable("model_not_loaded", `${utterance.model} is not loaded.`, 60);
    }
    const { sample_rate, samples_per_frame, codebooks } = shapes;
    const talker = pack.config.talker_config;

    checkVoice(pack, utterance);
    const { voice: cloned } = utterance;
    // Models of preset speakers know no other voice than the vector of one.
    const reference = (clones && cloned?.reference) || null;
    const text = tokenizePrompt(pack.tokenizer, utterance.text, utterance.instructions);
    const tokens = voiceTokens(talker, { ...utterance, xVector: cloned?.xVector ?? null });
    const before = cloned && reference ? await voices.prepare(cloned.digest, reference) : null;
    signal.throwIfAborted();
    const layout = layOutPrompt(pack.config, text, tokens, textLayout, before?.embedded);
    const maxFrames = Math.ceil((longestSeconds(utterance.text) * sample_rate) / samples_per_frame);
    checkContext({
      text,
      promptPositions: layout.positions.length,
      referenceFrames: reference?.frames ?? 0,
      maxFrames,
      maxPositions,
    });
    const stream = pack.generator.start(await pack.embedder.embed(layout), {
      seed: utterance.seed,
      // The official limit counts tokens, and the one that reaches it makes no frame.
      maxFrames: Math.min(maxFrames, pack.generation.max_new_tokens - 1),
      ...resolveSampling(pack.generation, utterance.sampling),
    });

    const voice = scheduler.open(stream, pack.openCodec(before?.after), {
      promptPositions: layout.positions.length,
      expectedFrames: expectedSeconds(utterance.text) / secondsPerFrame,
      listener,
    });
    const guard = createRunawayGuard({
      text: utterance.text,
      retryable: utterance.retryable,
      codebooks,
      samplesPerFrame: samples_per_frame,
      sampleRate: sample_rate,
    });
    const leading = createLeadingSilence(
      cutsLeadingSilence ? leadingSilentFrames(pack.manifest, utterance) : 0,
      samples_per_frame,
    );
    try {
      for (;;) {
        const { pcm: passed, finish } = guard.push(await voice.next(signal));
        const pcm = leading.push(passed);
        if (pcm.length > 0) yield pcm;
        if (finish) {
          const { body, instruction } = text;
          return { finish, inputTokens: body.length, instructionTokens: instruction.length };
        }
      }
    } finally {
      voice.close();
    }
  }

  return {
    announcement: {
      sampleRate: shapes.sample_rate,
      ignoredFields: [],
      segmentLimits,
      pace: usualPace,
      keyValues: {
        ...pack.generator.keyValues,
        maxRows: Math.min(pack.generator.keyValues.maxRows, limits.rows),
        framesPerSecond: shapes.sample_rate / shapes.samples_per_frame,
        maxPositions,
        slowestPace,
      },
      ...(speed === undefined ? {} : { speed }),
      encodesVoices: encoders !== null,
      models: { [model]: packRevision(pack.manifest, pack.device) },
    },
    synthesize,
    answered: pack.answered,
    ...(encoders ? { encodeVoice: encoders.encode } : {}),
  };
}
