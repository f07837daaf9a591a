// What the origins say of their models, for the lists. Those are served without waiting for anybody: from what was said
// before, if anything was, while the origins are asked again.
import type { MiddlewareHandler } from "hono";
import * as z from "zod";
import { modelSchema } from "../../shared/answers.ts";
import type { ModelStatus } from "../../shared/http/catalogue.ts";
import type { EdgeEnv } from "../context.ts";
import { settingsOf } from "../settings.ts";
import { isWithin, type Span, spanOf } from "../span.ts";
import { userAgent } from "./reachability.ts";

/** Of an origin's list what is passed on; one of another version may say less. */
const statusListSchema = z.object({
  data: z.array(
    modelSchema
      .pick({ available: true, loaded: true, engine: true, resolved_model: true })
      .partial()
      .extend({ id: z.string() }),
  ),
});

const freshMs = 10_000;
const askLimitMs = 1000;

/** Best first. */
const engines = ["qwen3", "builtin", null] as const;

export interface ModelStatuses {
  /** What any origin can do for a model; nothing when none has said so lately. */
  of(model: string): ModelStatus;
  /** Asks the origins again, behind the answer, when the last time was long ago. */
  refresh: MiddlewareHandler<EdgeEnv>;
}

/** Remembers in this isolate alone. */
export function createModelStatuses(): ModelStatuses {
  let known = new Map<string, ModelStatus>();
  let fresh: Span | undefined;
  return {
    of: (model) => known.get(model) ?? {},
    async refresh(c, next) {
      if (!fresh || !isWithin(fresh)) {
        fresh = spanOf(freshMs);
        const asked = askAll(c.env).then((statuses) => {
          known = statuses;
        });
        // Of a server that is not set up, speech requests tell.
        c.executionCtx.waitUntil(asked.catch(() => undefined));
      }
      await next();
    },
  };
}

async function askAll(env: EdgeEnv["Bindings"]): Promise<Map<string, ModelStatus>> {
  const lists = await Promise.allSettled(settingsOf(env).origins.map(ask));
  const merged = new Map<string, ModelStatus>();
  for (const list of lists) {
    if (list.status === "rejected") continue;
    for (const { id, ...status } of list.value.data) {
      merged.set(id, better(id, status, merged.get(id)));
    }
  }
  return merged;
}

async function ask(origin: URL) {
  const answer = await fetch(new URL("v1/models", origin), {
    headers: { "user-agent": userAgent },
    signal: AbortSignal.timeout(askLimitMs),
    redirect: "manual",
  });
  return statusListSchema.parse(await answer.json());
}

/**
 * Of two origins' words on a model, those of the one with the better engine, then of the one that has the model itself and
 * not another in its place, and then of the one that has it loaded.
 */
function better(model: string, a: ModelStatus, b: ModelStatus | undefined): ModelStatus {
  return b && rank(model, b) <= rank(model, a) ? b : a;
}

function rank(model: string, { engine, loaded, resolved_model = model }: ModelStatus): number {
  const others = resolved_model === model ? 0 : 1;
  return 4 * engines.indexOf(engine ?? null) + 2 * others + (loaded ? 0 : 1);
}
