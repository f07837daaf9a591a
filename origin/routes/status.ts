import { Hono } from "hono";
import { unavailable } from "../../shared/api-error.ts";
import { onlyMethods } from "../../shared/http/methods.ts";
import { spokenModels } from "../engine/spoken-models.ts";
import type { Studio } from "../speech/answer.ts";

/** `/health`: is the process alive, and what does it have. `/ready`: could it speak right now. */
export function statusRoutes({ engines, admission }: Studio): Hono {
  const app = new Hono();
  app.get("/health", (c) =>
    c.json({
      status: "ok",
      active_streams: admission.active,
      engines: engines.all.map((engine) => ({
        name: engine.name,
        state: engine.state(),
        ...(engine.device ? { device: engine.device } : {}),
        models: engine.models(),
      })),
      models: spokenModels(engines),
      notes: engines.notes,
    }),
  );
  app.get("/ready", (c) => {
    if (admission.draining) throw unavailable("server_stopping", "The server is being stopped.", 1);
    if (engines.all.length === 0) {
      throw unavailable(
        "engine_missing",
        `No engine is installed. ${engines.notes.join("; ")}`,
        60,
      );
    }
    const waiting = engines.all.filter((engine) => engine.state() !== "ready");
    if (waiting.length === engines.all.length) {
      const states = waiting.map((engine) => `${engine.name} is ${engine.state()}`);
      throw unavailable("engine_not_ready", `No engine is ready: ${states.join(", ")}.`, 1);
    }
    return c.json({ status: "ready" });
  });
  for (const path of ["/health", "/ready"]) app.all(path, onlyMethods("GET"));
  return app;
}
