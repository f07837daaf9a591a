import { Hono } from "hono";
import { unavailable } from "../../../shared/api-error.ts";
import { catalogueDigest } from "../../../shared/catalogue-digest.ts";
import { onlyMethods } from "../../../shared/http/methods.ts";
import { speakersOfNames } from "../../engine/describe.ts";
import type { Engines } from "../../engine/engines.ts";
import { spokenModels } from "../../engine/spoken-models.ts";
import type { SupervisedEngine } from "../../engine/supervisor.ts";
import type { Jobs } from "../../jobs/jobs.ts";
import type { Settings } from "../../settings.ts";
import type { SpeechServices } from "../../speech/answer.ts";

/** `/health`: is the process alive, and what does it have. `/ready`: could it speak right now. */
export function statusRoutes(
  { engines, admission }: SpeechServices,
  jobs: Pick<Jobs, "originId" | "counts">,
  { catalogue, tokens }: Pick<Settings, "catalogue" | "tokens">,
): Hono {
  const app = new Hono();
  const digest = catalogueDigest(catalogue);
  app.get("/health", async (c) =>
    c.json({
      status: "ok",
      auth: tokens.length > 0 ? "keys" : "open",
      catalogue: await digest,
      active_streams: admission.active,
      // Null until there has been a job; edges find jobs by it.
      jobs: { origin: jobs.originId, ...jobs.counts() },
      engines: enginesOf(engines),
      models: spokenModels(engines),
      names: Object.fromEntries(speakersOfNames(engines)),
      memory: {
        model_bytes: engines.models.room.usedBytes,
        model_limit_bytes: engines.models.room.limitBytes,
        key_value_bytes: admission.keyValueBytes,
        key_value_limit_bytes: admission.limits.keyValueBytes,
      },
      notes: engines.notes,
    }),
  );
  app.get("/ready", (c) => {
    if (admission.draining) throw unavailable("server_stopping", "The server is being stopped.", 1);
    const all = enginesOf(engines);
    if (all.length === 0) {
      throw unavailable(
        "engine_missing",
        `No engine is installed. ${engines.notes.join("; ")}`,
        60,
      );
    }
    if (!engines.canSpeak) {
      const states = all.map(describeState);
      throw unavailable(
        "engine_not_ready",
        `No engine is ready: ${states.join(", ")}.`,
        Math.min(...all.map(({ next_start_seconds }) => next_start_seconds ?? 1)),
      );
    }
    return c.json({ status: "ready", crashing: all.filter(({ crashes }) => crashes > 0) });
  });
  for (const path of ["/health", "/ready"]) app.all(path, onlyMethods("GET"));
  return app;
}

interface EngineStatus {
  name: string;
  state: string;
  model?: string;
  device?: string;
  memory_bytes?: number;
  users?: number;
  /** Deaths of its process in a row, since it last worked. */
  crashes: number;
  /** Until it is started again, by itself or by a request; absent while there is a process, or nobody has asked for one. */
  next_start_seconds?: number;
}

function describeState({ name, model, state, crashes, next_start_seconds }: EngineStatus): string {
  const what = `${model ?? name} is ${state}`;
  if (crashes === 0) return what;
  const times = crashes === 1 ? "once" : `${crashes} times in a row`;
  const next = next_start_seconds === undefined ? "" : `, next start in ${next_start_seconds} s`;
  return `${what} (crashed ${times}${next})`;
}

/** One for each installed model, and the builtin engine. */
function enginesOf({ models, device, builtin }: Engines): EngineStatus[] {
  const qwen3 = models.slots.map(({ model, state, memoryBytes, users, engine }) => ({
    name: "qwen3",
    model,
    device,
    state,
    memory_bytes: memoryBytes,
    users,
    ...crashesOf(engine),
  }));
  return [
    ...qwen3,
    ...(builtin ? [{ name: builtin.name, state: builtin.state(), ...crashesOf(builtin) }] : []),
  ];
}

function crashesOf(engine: SupervisedEngine | undefined) {
  const { inARow, nextStartSeconds } = engine?.crashes ?? { inARow: 0, nextStartSeconds: null };
  return {
    crashes: inARow,
    ...(nextStartSeconds === null ? {} : { next_start_seconds: Math.ceil(nextStartSeconds) }),
  };
}
