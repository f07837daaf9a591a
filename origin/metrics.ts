import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Engines } from "./engine/engines.ts";
import type { EngineCounters } from "./engine/utterances.ts";
import type { Admission } from "./speech/admission.ts";

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Gauges with the suffix of counters, which promtool's lint refuses. What they sum up is there by its type. */
const misnamed = ["handles", "requests", "resources"].map((of) => `nodejs_active_${of}_total`);

/**
 * What is told apart of answers: two engines, five models, ten formats, and whether it may be played as it comes (`streamed`)
 * or is of use when it is `whole`. Voices are no labels: anybody may make more.
 */
const answerLabels = ["engine", "model", "format", "delivery"] as const;
type AnswerLabel = (typeof answerLabels)[number];

export interface Metrics {
  registry: Registry;
  requests: Counter<"route" | "status">;
  firstByte: Histogram<AnswerLabel>;
  duration: Histogram<AnswerLabel | "outcome">;
  audio: Counter<AnswerLabel>;
  frames: Counter<"engine" | "model">;
  realTimeFactor: Histogram<AnswerLabel>;
  underruns: Counter<"engine" | "model" | "format">;
  gaps: Histogram<"engine" | "model" | "format">;
  retries: Counter<"engine" | "model">;
  lengthFinishes: Counter<"engine" | "model">;
  socketEnds: Counter<"outcome">;
}

/** The Prometheus metrics of one origin. What is counted elsewhere is read there when somebody asks. */
export function createMetrics(
  admission: Pick<Admission, "active" | "keyValueBytes" | "owedSeconds">,
  { builtin, models }: Pick<Engines, "builtin" | "models">,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const registers = [registry];
  new Gauge({
    name: "tts_active_streams",
    help: "Speech answers under way",
    registers,
    collect() {
      this.set(admission.active);
    },
  });
  new Gauge({
    name: "tts_key_value_bytes",
    help: "What the answers under way may need for keys and values",
    registers,
    collect() {
      this.set(admission.keyValueBytes);
    },
  });
  new Gauge({
    name: "tts_owed_audio_seconds",
    help: "Speech that the answers under way have still to make, by the length of their texts",
    registers,
    collect() {
      this.set(admission.owedSeconds);
    },
  });
  new Gauge({
    name: "tts_model_loaded",
    help: "1 for an installed model that is loaded, else 0",
    labelNames: ["model"],
    registers,
    collect() {
      // Models come and go.
      this.reset();
      for (const { model, state } of models.slots) this.set({ model }, state === "ready" ? 1 : 0);
    },
  });
  const countOf = (name: string, help: string, of: "loads" | "unloads") =>
    new Counter({
      name,
      help,
      labelNames: ["model"],
      registers,
      collect() {
        this.reset();
        for (const slot of models.slots) this.inc({ model: slot.model }, slot[of]);
      },
    });
  countOf("tts_model_loads_total", "Times that a model was loaded", "loads");
  countOf("tts_model_unloads_total", "Times that a model was unloaded", "unloads");
  const engineCountOf = (name: string, help: string, of: keyof EngineCounters) =>
    new Counter({
      name,
      help,
      labelNames: ["engine", "model"],
      registers,
      collect() {
        this.reset();
        if (builtin) this.inc({ engine: builtin.name, model: "" }, builtin.counters[of]);
        for (const { model, engine } of models.slots) {
          if (engine) this.inc({ engine: engine.name, model }, engine.counters[of]);
        }
      },
    });
  engineCountOf("tts_engine_utterances_total", "Utterances that an engine was given", "utterances");
  engineCountOf("tts_engine_chunks_total", "Chunks of sound that an engine has made", "chunks");
  engineCountOf(
    "tts_engine_steps_total",
    "Calls of the language model, which streams share",
    "steps",
  );
  engineCountOf(
    "tts_engine_step_rows_total",
    "Streams in those calls, each counted in each: divided by the calls, the size of a batch",
    "rows",
  );
  engineCountOf(
    "tts_engine_frames_total",
    "Frames of 80 ms that the language model has made, whether or not anybody came to hear them",
    "frames",
  );
  engineCountOf(
    "tts_engine_prompt_positions_total",
    "Positions of the prompts of utterances",
    "promptPositions",
  );
  engineCountOf(
    "tts_engine_reused_prompt_positions_total",
    "Positions of those prompts that were not read, since an earlier prompt began with the same",
    "reusedPositions",
  );
  engineCountOf(
    "tts_engine_kept_references_total",
    "Utterances in a cloned voice whose reference was ready from an earlier one",
    "keptReferences",
  );
  engineCountOf(
    "tts_engine_prepared_references_total",
    "Utterances in a cloned voice whose reference had to be prepared",
    "preparedReferences",
  );
  engineCountOf("tts_engine_restarts_total", "Times an engine's process was replaced", "restarts");
  return {
    registry,
    requests: new Counter({
      name: "tts_requests_total",
      help: "Requests answered, by route and status",
      labelNames: ["route", "status"],
      registers,
    }),
    firstByte: new Histogram({
      name: "tts_first_byte_seconds",
      help: "From a speech request to its first encoded audio",
      labelNames: answerLabels,
      buckets: seconds,
      registers,
    }),
    duration: new Histogram({
      name: "tts_duration_seconds",
      help: "From a speech request to the end of its answer",
      labelNames: [...answerLabels, "outcome"],
      buckets: seconds,
      registers,
    }),
    audio: new Counter({
      name: "tts_audio_seconds_total",
      help: "Audio produced",
      labelNames: answerLabels,
      registers,
    }),
    frames: new Counter({
      name: "tts_codec_frames_total",
      help: "Frames of 80 ms that were spoken",
      labelNames: ["engine", "model"],
      registers,
    }),
    realTimeFactor: new Histogram({
      name: "tts_real_time_factor_ratio",
      help: "The engine's time for each second of an answer after its first sound, with all that were spoken beside it",
      labelNames: answerLabels,
      buckets: [0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 4],
      registers,
    }),
    underruns: new Counter({
      name: "tts_underruns_total",
      help: "Times that a listener who plays a streamed answer as it comes had to wait for more of it",
      labelNames: ["engine", "model", "format"],
      registers,
    }),
    gaps: new Histogram({
      name: "tts_gap_seconds",
      help: "How long such a listener then heard nothing, until it went on or ended",
      labelNames: ["engine", "model", "format"],
      buckets: seconds,
      registers,
    }),
    retries: new Counter({
      name: "tts_retried_segments_total",
      help: "Segments spoken again because the model had lost its way",
      labelNames: ["engine", "model"],
      registers,
    }),
    socketEnds: new Counter({
      name: "tts_socket_sessions_total",
      help: "Sessions over WebSockets that have ended",
      labelNames: ["outcome"],
      registers,
    }),
    lengthFinishes: new Counter({
      name: "tts_length_finishes_total",
      help: "Answers that were cut short because the model did not end by itself",
      labelNames: ["engine", "model"],
      registers,
    }),
  };
}

/** Adds the jobs of an origin, which are counted where they are. */
export function countJobs(
  { registry }: Pick<Metrics, "registry">,
  counts: () => { queued: number; running: number },
): void {
  new Gauge({
    name: "tts_jobs",
    help: "Jobs that wait or are spoken",
    labelNames: ["status"],
    registers: [registry],
    collect() {
      for (const [status, count] of Object.entries(counts())) this.set({ status }, count);
    },
  });
}
