import { segmentSeed } from "../../shared/identity.ts";
import { createSeam } from "../audio/seam.ts";
import type { Engine, Utterance, UtteranceEnd } from "../engine/engine.ts";
import { cutSegments } from "./segments.ts";

/** How much of a segment is spoken before the next one is begun, so that it is there when this one ends. */
const leadSeconds = 2;

type Audio = AsyncGenerator<Float32Array, UtteranceEnd>;

interface Begun {
  audio: Audio;
  first: ReturnType<Audio["next"]>;
}

/**
 * Speaks a text of any length with an engine that takes only so much at once: in segments of the same voice, each begun
 * while the one before it is spoken. Yields and ends as `Engine.synthesize` does. Stops by the signal alone.
 */
export async function* speakSegments(
  engine: Engine,
  utterance: Utterance,
  signal: AbortSignal,
): Audio {
  const { segmentLimits, sampleRate } = engine;
  if (!segmentLimits) return yield* engine.synthesize(utterance, signal);

  const texts = cutSegments(utterance.text, utterance.language, segmentLimits);
  const end: UtteranceEnd = { finish: "stop", inputTokens: 0 };

  async function begin(index: number): Promise<Begun | undefined> {
    const text = texts[index];
    if (text === undefined) return undefined;
    const seed = await segmentSeed(utterance.seed, index);
    const audio = engine.synthesize({ ...utterance, text, seed }, signal);
    const first = audio.next();
    // Whoever comes to this segment is told; nobody may.
    first.catch(() => {});
    return { audio, first };
  }

  let upcoming = begin(0);
  for (let index = 0; index < texts.length; index++) {
    const segment = await upcoming;
    if (!segment) break;
    const edges = { fadeIn: index > 0, fadeOut: index < texts.length - 1 };
    const seam = createSeam(sampleRate, edges);
    let samples = 0;
    let begun = false;
    let chunk = await segment.first;
    for (; !chunk.done; chunk = await segment.audio.next()) {
      samples += chunk.value.length;
      yield seam.push(chunk.value);
      if (begun || samples < leadSeconds * sampleRate) continue;
      upcoming = begin(index + 1);
      begun = true;
    }
    if (!begun) upcoming = begin(index + 1);
    yield seam.finish();
    end.inputTokens += chunk.value.inputTokens;
    if (chunk.value.finish === "length") end.finish = "length";
  }
  return end;
}
