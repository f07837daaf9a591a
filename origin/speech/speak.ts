import { setImmediate as nextTurn } from "node:timers/promises";
import { chain } from "../audio/chain.ts";
import { createEncoder } from "../audio/encoders.ts";
import { identity } from "../audio/identity.ts";
import { createLimiter } from "../audio/limiter.ts";
import { createResampler } from "../audio/resampler.ts";
import { createTempo } from "../audio/tempo.ts";
import { createTrimSilence } from "../audio/trim-silence.ts";
import { createVolume } from "../audio/volume.ts";
import { withDefaultLanguage } from "../engine/default-language.ts";
import type { Engine } from "../engine/engine.ts";
import { secondsToSay } from "../text/speaking-pace.ts";
import { type SpeechPlan, textOf } from "./plan.ts";
import { createProgress } from "./progress.ts";
import { createSegmentSeeds, type SegmentSeeds } from "./segment-seeds.ts";
import { speakSegments } from "./speak-segments.ts";
import { type SpokenText, wholeText } from "./spoken-segments.ts";
import { createTally, type SpokenFrame } from "./tally.ts";
import { createTimeline } from "./timeline.ts";

/**
 * How many frames of the Qwen3-TTS codec there are in so many samples: the unit in which speech is counted whatever engine
 * made it. One takes two 25ths of a second; the last need not be whole.
 */
export function codecFramesIn(samples: number, sampleRate: number): number {
  // Whole numbers until the division, which so is exact where the frames are whole.
  return Math.ceil((samples * 25) / (sampleRate * 2));
}

/** What is given for a text in which there is nothing to hear, at any speed: a file that every player takes. */
const silenceSeconds = 0.2;

/**
 * The way of one answer: engine → limit → tempo → resample → trim → volume → encode → frames, each step pulled by the
 * reader, so that a slow reader holds the engine back and memory stays bounded. Of a text in which there is nothing to
 * hear, 0.2 s of silence are made, and `onSilence` is called before any frame. What is said is the plan's own passages, or
 * a text that comes while it is spoken. Unless it is heard as it comes, none of it is made sooner than the rest.
 *
 * Throws an ApiError when the engine cannot speak, or fails.
 */
export async function* speak(
  plan: SpeechPlan,
  engine: Engine,
  signal: AbortSignal,
  segmentSeeds: SegmentSeeds = createSegmentSeeds(plan.seeds),
  onSilence: () => void = () => undefined,
  text: SpokenText = wholeText(plan, engine.segmentLimits),
  isHeard = true,
): AsyncGenerator<SpokenFrame, void> {
  const { model, format, sampleRate, bitrate, trimSilence, timestamps } = plan;
  const revision = withDefaultLanguage(engine.revision(model), plan.defaultLanguage, plan.lexicon);
  const stopped = new AbortController();
  const stop = AbortSignal.any([signal, stopped.signal]);
  const owned: { close(): void }[] = [];
  const own = <Part extends { close(): void }>(part: Part): Part => {
    owned.push(part);
    return part;
  };
  const tally = createTally();
  let engineSamples = 0;
  try {
    const encoder = own(await createEncoder(format, { sampleRate, bitrate }));
    const tempo = own(await createTempo(plan.speed, engine.sampleRate));
    const resampler = own(await createResampler(engine.sampleRate, sampleRate));
    const trimmed = trimSilence ? createTrimSilence(sampleRate) : undefined;
    const trim = own(trimmed ?? identity);
    const volume = own(createVolume(sampleRate, plan));
    // What a passage is raised to may be beyond full scale, where tempo and encoders clip.
    const limiter = own(text.mayBeRaised ? createLimiter(engine.sampleRate) : identity);
    const stages = [tempo, resampler, trim, volume].reduce(chain, limiter);
    const timeline = timestamps
      ? createTimeline({
          input: text.input,
          isPlain: plan.isPlain,
          sampleRate: engine.sampleRate,
          speed: plan.speed,
          cutSeconds: () => (trimmed?.cutBefore ?? 0) / sampleRate,
        })
      : undefined;
    const chunks = speakSegments(engine, text.segments, segmentSeeds, stop, {
      note: timeline?.note,
      words: timestamps === "word",
      speed: isHeard ? plan.speed : null,
    });
    const isHere = plan.passages.length > 0;
    const expectedSeconds = isHere ? secondsToSay(textOf(plan), engine.pace) / plan.speed : 0;
    const progress = plan.progress ? createProgress(expectedSeconds) : undefined;
    function* events(seconds: number): Generator<SpokenFrame, void> {
      for (const event of timeline?.due(seconds) ?? []) yield { kind: "event", event };
      const far = progress?.at(Math.min(seconds, tally.samples / sampleRate));
      if (far) yield { kind: "event", event: far };
    }
    let chunk = await chunks.next();
    for (; !chunk.done; chunk = await chunks.next()) {
      engineSamples += chunk.value.length;
      const pcm = stages.push(chunk.value);
      yield* tally.audio(pcm.length, await encoder.encode(pcm));
      if (tally.bytes > 0) yield* events(tally.samples / sampleRate);
      // Everything up to here may have been ready at once; other answers get their turn.
      await nextTurn();
    }
    const rest = stages.finish();
    yield* tally.audio(rest.length, await encoder.encode(rest));
    if (tally.samples === 0) {
      onSilence();
      engineSamples = silenceSeconds * engine.sampleRate;
      const silence = new Float32Array(Math.round(silenceSeconds * sampleRate));
      yield* tally.audio(silence.length, await encoder.encode(silence));
    }
    yield* tally.audio(0, await encoder.finish());
    yield* events(Number.POSITIVE_INFINITY);
    const whole = progress?.end(tally.samples / sampleRate);
    if (whole) yield { kind: "event", event: whole };
    yield {
      kind: "end",
      end: {
        finish: chunk.value.finish,
        samples: tally.samples,
        sample_rate: sampleRate,
        frames: codecFramesIn(engineSamples, engine.sampleRate),
        input_tokens: chunk.value.inputTokens + chunk.value.instructionTokens,
        seed: segmentSeeds.seed,
        revision: revision.revision,
        released_at: revision.releasedAt,
        ...(revision.variant === undefined ? {} : { variant: revision.variant }),
        engine: engine.name,
        model,
        bytes: tally.bytes,
        sha256: tally.sha256(),
      },
    };
  } finally {
    stopped.abort();
    for (const part of owned) part.close();
  }
}
