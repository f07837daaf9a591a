import { Hono } from "hono";
import { catalogueRoutes } from "../../shared/http/catalogue.ts";
import { openCors, openResources } from "../../shared/http/cors.ts";
import { errorResponse, toApiError } from "../../shared/http/errors.ts";
import { onlyMethods, tellMethods } from "../../shared/http/methods.ts";
import { pathNotFound, tidyPath } from "../../shared/http/paths.ts";
import { previewPath } from "../../shared/http/preview.ts";
import { referenceRoutes } from "../../shared/http/reference.ts";
import { requestIds } from "../../shared/http/request-id.ts";
import { translateErrors } from "../../shared/http/translation.ts";
import { translations } from "../../shared/http/translations.ts";
import { nativeModels } from "../../shared/models.ts";
import { warmEncoders } from "../audio/encoders.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { Logger } from "../log.ts";
import type { Settings } from "../settings.ts";
import { createSessions, type Sessions } from "../socket/sessions.ts";
import type { SpeechServices } from "../speech/answer.ts";
import { accessLog } from "./access-log.ts";
import { authorize } from "./authorize.ts";
import type { OriginEnv } from "./context.ts";
import { internalHeaders } from "./internal-headers.ts";
import { batchRoutes } from "./routes/batch.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { playground } from "./routes/page.ts";
import { speechRoutes } from "./routes/speech.ts";
import { speechStreamRoutes } from "./routes/speech-stream.ts";
import { statusRoutes } from "./routes/status.ts";

/** The origin's API: a complete OpenAI-compatible server on its own, and what the edge asks. */
export function createApp(
  services: SpeechServices,
  jobs: Jobs,
  { tokens, isLocal, catalogue }: Pick<Settings, "tokens" | "isLocal" | "catalogue">,
  log: Logger,
  sessions: Sessions = createSessions(services, catalogue),
): Hono<OriginEnv> {
  warmEncoders().catch((err: unknown) => log.error({ err }, "AAC cannot be encoded"));
  const app = new Hono<OriginEnv>({ getPath: tidyPath });
  app.use(requestIds(), accessLog(log, services.metrics), openResources, tellMethods, openCors());
  app.route(
    "/",
    catalogueRoutes(
      () => catalogue,
      (model) => {
        const { revision, model: resolved_model, ...status } = services.engines.answering(model);
        // Base models speak with cloned voices alone, and there are none.
        const available = revision !== null && nativeModels[model].kind !== "base";
        return {
          ...status,
          resolved_model,
          available,
          revision: revision?.revision ?? null,
        };
      },
    ),
  );
  app.route("/", statusRoutes(services, jobs, { catalogue, tokens }));
  app.route(
    "/",
    referenceRoutes(() => ({ program: "origin", catalogue })),
  );
  app.route("/", playground());
  const access = [authorize(tokens), internalHeaders(isLocal || tokens.length > 0)] as const;
  app.use("/v1/audio/speech", ...access);
  app.use("/v1/audio/speech/*", ...access);
  app.use(previewPath, ...access);
  app.use("/v1/audio/jobs", ...access);
  app.use("/v1/audio/jobs/*", ...access);
  for (const api of translations) {
    for (const path of api.paths) app.use(path, translateErrors(api), ...access);
  }
  app.use("/metrics", authorize(tokens));
  app.route("/", speechRoutes(services, { catalogue }));
  app.route("/", batchRoutes(services, catalogue));
  app.route("/", jobRoutes(jobs, catalogue));
  app.route("/", speechStreamRoutes(sessions, isLocal || tokens.length > 0));
  app.get("/metrics", async () => {
    const { registry } = services.metrics;
    return new Response(await registry.metrics(), {
      headers: { "content-type": registry.contentType },
    });
  });
  app.all("/metrics", onlyMethods("GET"));
  app.notFound(pathNotFound(app));
  app.onError((cause) => errorResponse(toApiError(cause)));
  return app;
}
