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
import { sampleRequest, voiceSamplePath } from "../../shared/http/voice-sample.ts";
import { hearRecordingPath, voiceFilesPath } from "../../shared/voices/voice-files.ts";
import { warmEncoders } from "../audio/encoders.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { Logger } from "../log.ts";
import type { Settings } from "../settings.ts";
import { createSessions, type Sessions } from "../socket/sessions.ts";
import type { SpeechServices } from "../speech/answer.ts";
import { createVoiceMaker } from "../speech/make-voice.ts";
import type { VoiceStore } from "../voices/voice-store.ts";
import { accessLog } from "./access-log.ts";
import { authorize, showsToken } from "./authorize.ts";
import type { OriginEnv } from "./context.ts";
import { internalHeaders } from "./internal-headers.ts";
import { keptVoicesOf } from "./kept-voices.ts";
import { batchRoutes } from "./routes/batch.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { playground } from "./routes/page.ts";
import { speechRoutes } from "./routes/speech.ts";
import { speechStreamRoutes } from "./routes/speech-stream.ts";
import { statusRoutes } from "./routes/status.ts";
import { originVoiceRoutes } from "./routes/voices.ts";

/** For edges alone. */
const voiceFilePaths = [voiceFilesPath, `${voiceFilesPath}/*`, hearRecordingPath];

/** The origin's API: a complete OpenAI-compatible server on its own, and what the edge asks. */
export function createApp(
  services: SpeechServices,
  jobs: Jobs,
  voices: VoiceStore,
  { tokens, isLocal, catalogue }: Pick<Settings, "tokens" | "isLocal" | "catalogue">,
  log: Logger,
  sessions: Sessions = createSessions(services, catalogue),
): Hono<OriginEnv> {
  warmEncoders().catch((err: unknown) => log.error({ err }, "AAC cannot be encoded"));
  const app = new Hono<OriginEnv>({ getPath: tidyPath });
  app.use(requestIds(), accessLog(log, services.metrics), openResources, tellMethods, openCors());
  const isTrusted = isLocal || tokens.length > 0;
  const access = [authorize(tokens), internalHeaders(isTrusted)] as const;
  for (const path of [voiceSamplePath, ...voiceFilePaths]) app.use(path, ...access);
  const maker = createVoiceMaker(services, log);
  app.route("/", originVoiceRoutes(voices, maker, { catalogue, access }));
  app.route(
    "/",
    catalogueRoutes<OriginEnv>(
      () => catalogue,
      (model) => {
        const { revision, model: resolved_model, ...status } = services.engines.answering(model);
        return {
          ...status,
          resolved_model,
          available: revision !== null,
          revision: revision?.revision ?? null,
        };
      },
      async (c) =>
        tokens.length === 0 || showsToken(c.req, tokens) ? voices.book.listVoices() : [],
    ),
  );
  app.route("/", statusRoutes(services, jobs, { catalogue, tokens }));
  app.route(
    "/",
    referenceRoutes(() => ({ program: "origin", catalogue })),
  );
  app.route("/", playground());
  app.use("/v1/audio/speech", ...access);
  app.use("/v1/audio/speech/*", ...access);
  app.use(previewPath, ...access);
  app.use("/v1/audio/jobs", ...access);
  app.use("/v1/audio/jobs/*", ...access);
  for (const api of translations) {
    for (const path of api.paths) app.use(path, translateErrors(api), ...access);
  }
  app.use("/metrics", authorize(tokens));
  const keptVoices = keptVoicesOf(voices, catalogue, isTrusted);
  app.get(
    voiceSamplePath,
    sampleRequest<OriginEnv>(() => voices.book),
  );
  app.route("/", speechRoutes(services, { catalogue, keptVoices }));
  app.route("/", batchRoutes(services, catalogue, keptVoices));
  app.route("/", jobRoutes(jobs, catalogue, keptVoices));
  app.route("/", speechStreamRoutes(sessions, voices, isTrusted));
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
