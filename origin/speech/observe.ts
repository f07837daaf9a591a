import { ApiError } from "../../shared/api-error.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import { countCodePoints } from "../../shared/text-rules.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Take } from "./take.ts";
import type { SpokenFrame } from "./tally.ts";

interface Observation {
  request: SpeechRequest;
  /** When it was asked, by the clock of `performance.now()`: waiting for its model counts. */
  startedAt: number;
  take: Take;
  engine: string;
  metrics: Metrics;
  log: Logger;
  /** Aborted when the client has left. */
  signal: AbortSignal;
  /** Called once, when the answer has ended in any way. */
  leave: () => void;
}

/** Passes an answer through and, when it ends, however it ends, measures it and writes one line about it. */
export async function* observe(
  speech: AsyncGenerator<SpokenFrame, void>,
  { request, startedAt, take, engine, metrics, log, signal, leave }: Observation,
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
  let outcome: "complete" | "failed" | "abandoned" = "abandoned";
  try {
    for await (const frame of speech) {
      if (frame.kind === "audio" && facts.firstByteSeconds === undefined) {
        facts.firstByteSeconds = elapsed();
        metrics.firstByte.observe({ engine, format }, elapsed());
      }
      if (frame.kind === "end") {
        const { samples, sample_rate, finish, bytes } = frame.end;
        outcome = "complete";
        Object.assign(facts, { audioSeconds: samples / sample_rate, finish, bytes });
        metrics.audio.inc({ engine, model }, samples / sample_rate);
        if (finish === "length") metrics.lengthFinishes.inc({ engine, model });
      }
      yield frame;
    }
  } catch (cause) {
    if (!signal.aborted) {
      outcome = "failed";
      facts.err = cause;
      facts.clientFault = cause instanceof ApiError && cause.status < 500;
    }
    throw cause;
  } finally {
    leave();
    const durationSeconds = elapsed();
    const { retries } = take;
    if (retries > 0) metrics.retries.inc({ engine, model }, retries);
    metrics.duration.observe({ engine, format, outcome }, durationSeconds);
    const level = outcome !== "failed" ? "info" : facts.clientFault ? "warn" : "error";
    log[level]({ ...facts, retries, durationSeconds }, `speech ${outcome}`);
  }
}
