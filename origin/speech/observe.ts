import { ApiError } from "../../shared/api-error.ts";
import { closable } from "../../shared/closable.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import { countCodePoints } from "../../shared/text-rules.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { createPlayback } from "./playback.ts";
import type { SegmentSeeds } from "./segment-seeds.ts";
import type { SpokenFrame } from "./tally.ts";

interface Observation {
  request: SpeechRequest;
  /** Code points of its text by now, where that was still to come. */
  characters?: () => number;
  /** When it was asked, by the clock of `performance.now()`: waiting for its model counts. */
  startedAt: number;
  segmentSeeds: SegmentSeeds;
  engine: string;
  metrics: Metrics;
  log: Logger;
  /** Aborted when nobody waits for the answer any more, with the reason. */
  signal: AbortSignal;
  /** Called once, when the answer has ended in any way. */
  leave: () => void;
}

/**
 * Passes an answer through and, when it ends, however it ends, and be it before it began, measures it and writes one line
 * about it. With its end frame it has ended: that need not be read for the rest to be given back.
 */
export function observe(
  speech: AsyncGenerator<SpokenFrame, void>,
  {
    request,
    characters,
    startedAt,
    segmentSeeds,
    engine,
    metrics,
    log,
    signal,
    leave,
  }: Observation,
): AsyncGenerator<SpokenFrame, void> {
  const { format, model } = request;
  const elapsed = () => (performance.now() - startedAt) / 1000;
  const facts: Record<string, unknown> = {
    model,
    voice: request.voiceId,
    format,
    characters: countCodePoints(request.input),
    engine,
  };
  let hasEnded = false;
  const playback = createPlayback();
  let gapSeconds = 0;

  function end(outcome: "complete" | "failed" | "abandoned"): void {
    if (hasEnded) return;
    hasEnded = true;
    leave();
    const durationSeconds = elapsed();
    if (characters) facts.characters = characters();
    const { retries } = segmentSeeds;
    if (outcome === "abandoned" && signal.aborted) facts.reason = messageOf(signal.reason);
    if (retries > 0) metrics.retries.inc({ engine, model }, retries);
    metrics.duration.observe({ engine, format, outcome }, durationSeconds);
    const level = outcome !== "failed" ? "info" : facts.clientFault ? "warn" : "error";
    log[level]({ ...facts, retries, durationSeconds }, `speech ${outcome}`);
  }

  async function* pass(): AsyncGenerator<SpokenFrame, void> {
    let askedAt = performance.now();
    try {
      for await (const frame of speech) {
        if (frame.kind === "audio" && facts.firstByteSeconds === undefined) {
          facts.firstByteSeconds = elapsed();
          metrics.firstByte.observe({ engine, format }, elapsed());
        }
        if (frame.kind === "audio") {
          const engineSeconds = (performance.now() - askedAt) / 1000;
          const gap = playback.push(frame.samples / request.sampleRate, engineSeconds);
          if (gap > 0) metrics.gaps.observe({ engine, model }, gap);
          gapSeconds += gap;
        }
        if (frame.kind === "end") {
          const { realTimeFactor } = playback;
          if (realTimeFactor !== undefined) {
            metrics.realTimeFactor.observe({ engine, model }, realTimeFactor);
          }
          metrics.frames.inc({ engine, model }, frame.end.frames);
          if (gapSeconds > 0) facts.gapSeconds = gapSeconds;
          const { samples, sample_rate, finish, bytes } = frame.end;
          Object.assign(facts, { audioSeconds: samples / sample_rate, finish, bytes });
          metrics.audio.inc({ engine, model }, samples / sample_rate);
          if (finish === "length") metrics.lengthFinishes.inc({ engine, model });
          end("complete");
        }
        yield frame;
        askedAt = performance.now();
      }
    } catch (cause) {
      if (!signal.aborted) {
        facts.err = cause;
        facts.clientFault = cause instanceof ApiError && cause.status < 500;
        end("failed");
      }
      throw cause;
    } finally {
      end("abandoned");
    }
  }

  return closable(pass(), async () => {
    await speech.return();
    end("abandoned");
  });
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
