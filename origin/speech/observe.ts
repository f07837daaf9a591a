import { ApiError } from "../../shared/api-error.ts";
import { closable } from "../../shared/closable.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import { countCodePoints } from "../../shared/text-rules.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { createPlayback } from "./playback.ts";
import type { SegmentSeeds } from "./segment-seeds.ts";
import type { SpokenFrame } from "./tally.ts";

/** Whether an answer may be played as it comes, or is of use when it is whole. */
export type Delivery = "streamed" | "whole";

interface Observation {
  request: SpeechRequest;
  /** Code points of its text by now, where that was still to come. */
  characters?: () => number;
  /** When its text last came after it had been waited for, by the clock of `performance.now()`, where it was still to come. */
  textAt?: () => number | undefined;
  /** When it was asked, by the clock of `performance.now()`: waiting for its model counts. */
  startedAt: number;
  delivery: Delivery;
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
    textAt,
    startedAt,
    delivery,
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
  let hasBegun = false;
  let hasEnded = false;
  const labels = { engine, model, format };
  const answer = { ...labels, delivery };
  const playback = createPlayback();
  let underruns = 0;
  let gapSeconds = 0;
  /** When the reader asked for what is waited for; undefined while nothing is. */
  let askedAt: number | undefined;

  function play(soundSeconds: number, waitedSince: number): void {
    const at = performance.now() / 1000;
    const text = textAt?.();
    const gap = playback.push({
      soundSeconds,
      askedAt: waitedSince / 1000,
      at,
      textAt: text === undefined ? undefined : text / 1000,
    });
    if (gap === 0 || delivery !== "streamed") return;
    underruns++;
    gapSeconds += gap;
    metrics.underruns.inc(labels);
    metrics.gaps.observe(labels, gap);
  }

  function end(outcome: "complete" | "failed" | "abandoned"): void {
    if (hasEnded) return;
    hasEnded = true;
    leave();
    // A silence that a listener leaves in, or that nothing follows, is one as well, but for one in which the text is waited for.
    const mayBeText = outcome === "failed" ? facts.clientFault : textAt;
    if (outcome !== "complete" && hasBegun && askedAt !== undefined && !mayBeText) play(0, askedAt);
    const durationSeconds = elapsed();
    if (characters) facts.characters = characters();
    const { retries } = segmentSeeds;
    if (outcome === "abandoned" && signal.aborted) facts.reason = messageOf(signal.reason);
    if (retries > 0) metrics.retries.inc({ engine, model }, retries);
    if (underruns > 0) Object.assign(facts, { underruns, gapSeconds });
    metrics.duration.observe({ ...answer, outcome }, durationSeconds);
    const level = outcome !== "failed" ? "info" : facts.clientFault ? "warn" : "error";
    log[level]({ ...facts, retries, durationSeconds }, `speech ${outcome}`);
  }

  async function* pass(): AsyncGenerator<SpokenFrame, void> {
    askedAt = performance.now();
    try {
      for await (const frame of speech) {
        if (frame.kind === "audio" && !hasBegun) {
          hasBegun = true;
          facts.firstByteSeconds = elapsed();
          metrics.firstByte.observe(answer, elapsed());
          // A series that begins with its first underrun has no rate to show for it.
          if (delivery === "streamed") metrics.underruns.inc(labels, 0);
        }
        if (frame.kind === "audio") play(frame.samples / request.sampleRate, askedAt);
        if (frame.kind === "end") {
          const { realTimeFactor } = playback;
          if (realTimeFactor !== undefined) {
            metrics.realTimeFactor.observe(answer, realTimeFactor);
          }
          metrics.frames.inc({ engine, model }, frame.end.frames);
          const { samples, sample_rate, finish, bytes } = frame.end;
          Object.assign(facts, { audioSeconds: samples / sample_rate, finish, bytes });
          metrics.audio.inc(answer, samples / sample_rate);
          if (finish === "length") metrics.lengthFinishes.inc({ engine, model });
          end("complete");
        }
        askedAt = undefined;
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
