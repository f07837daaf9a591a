import { type Context, Hono } from "hono";
import { tokenAnswerSchema } from "../shared/answers.ts";
import { catalogueRoutes } from "../shared/http/catalogue.ts";
import { openCors, openResources } from "../shared/http/cors.ts";
import { errorResponse, toApiError } from "../shared/http/errors.ts";
import { findKeptVoices } from "../shared/http/kept-voices.ts";
import { onlyMethods, tellMethods } from "../shared/http/methods.ts";
import { pageRoutes } from "../shared/http/page.ts";
import { pathNotFound, requireUrl, tidyPath } from "../shared/http/paths.ts";
import { previewPath, previewRequest } from "../shared/http/preview.ts";
import { referenceRoutes } from "../shared/http/reference.ts";
import { requestIds } from "../shared/http/request-id.ts";
import {
  jsonBody,
  jsonBodyUpTo,
  maxLongBodyBytes,
  speechBody,
} from "../shared/http/speech-body.ts";
import { translateBody, translateErrors } from "../shared/http/translation.ts";
import { translations } from "../shared/http/translations.ts";
import { sampleRequest, voiceSamplePath } from "../shared/http/voice-sample.ts";
import { socketPath } from "../shared/socket.ts";
import { asAnybody, permitModel, requireCaller } from "./auth/require-caller.ts";
import { tokenBody, tokenRequestSchema } from "./auth/token-request.ts";
import type { CallerEnv, EdgeEnv } from "./context.ts";
import { permitFile } from "./files/permit-file.ts";
import { reportHealth } from "./health.ts";
import { limitAddress } from "./limits/rate.ts";
import { reserveCharacters } from "./limits/reserve-characters.ts";
import { createModelStatuses } from "./origins/model-status.ts";
import { requestLog } from "./request-log.ts";
import { fetchAsset } from "./routes/assets.ts";
import { answerFile, audioFilePath } from "./routes/audio-file.ts";
import { answerBatch } from "./routes/batch.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { answerBase64, answerSpeech } from "./routes/speech.ts";
import { answerSocket, requireSocket } from "./routes/speech-stream.ts";
import { answerTimestamps, timestampsPath } from "./routes/timestamps.ts";
import { answerToken } from "./routes/tokens.ts";
import { bookOf, edgeVoiceRoutes, keptByCaller } from "./routes/voices.ts";
import { catalogueOf, settingsOf } from "./settings.ts";
import { findVoices } from "./voices/open-book.ts";

const keylessPaths = [
  ...["/v1/models/*", "/v1/audio/models/*", "/v1/audio/voices/*"],
  ...["/health", "/openapi.json", "/llms.txt"],
];

/** The edge's API: everything of the origin's that clients use. */
export function createApp(): Hono<EdgeEnv> {
  const app = new Hono<EdgeEnv>({ getPath: tidyPath });
  app.use(requestIds(), requestLog, openResources, tellMethods, openCors(), requireUrl);

  for (const path of keylessPaths) app.use(path, limitAddress);
  const statuses = createModelStatuses();
  for (const path of ["/v1/models/*", "/v1/audio/models/*"]) app.use(path, statuses.refresh);
  app.route("/", edgeVoiceRoutes as unknown as Hono<EdgeEnv>);
  app.route(
    "/",
    catalogueRoutes<EdgeEnv>((c) => catalogueOf(c.env), statuses.of, keptByCaller),
  );
  app.route(
    "/",
    referenceRoutes<EdgeEnv>((c) => ({
      program: "edge",
      catalogue: catalogueOf(c.env),
      schemas: { TokenRequest: tokenRequestSchema, Token: tokenAnswerSchema },
    })),
  );
  app.get("/health", reportHealth);
  app.all("/health", onlyMethods("GET"));

  app.route("/", pageRoutes(fetchAsset));

  // The order of a speech request: who asks (before the body is read), what is asked (validation), whether it may be
  // asked (permissions and limits), whether it was asked before (cache, then one flight for equal requests), and only
  // then an origin.
  const named = (c: Context<CallerEnv>) => settingsOf(c.env).catalogue;
  const keptVoices = findKeptVoices<CallerEnv>(named, (c, names) =>
    findVoices(c.env, c.var.caller.id, names),
  );
  const validBody = speechBody<CallerEnv>((c) => c.var.names ?? named(c));
  const speech = [
    requireCaller("speech"),
    ...jsonBody,
    keptVoices,
    validBody,
    permitModel,
    reserveCharacters,
  ] as const;
  app.post("/v1/audio/speech", ...speech, answerSpeech);
  app.all("/v1/audio/speech", onlyMethods("POST"));
  app.post("/v1/audio/speech/base64", ...speech, answerBase64);
  app.all("/v1/audio/speech/base64", onlyMethods("POST"));

  const longBody = jsonBodyUpTo(maxLongBodyBytes);
  app.post("/v1/audio/speech/batch", requireCaller("speech"), ...longBody, keptVoices, answerBatch);
  app.all("/v1/audio/speech/batch", onlyMethods("POST"));

  for (const api of translations) {
    const translated = [
      requireCaller("speech"),
      ...jsonBody,
      translateBody<CallerEnv>(api, named),
    ] as const;
    const permitted = [keptVoices, validBody, permitModel, reserveCharacters] as const;
    for (const path of api.paths) {
      app.use(path, translateErrors(api));
      app.post(path, ...translated);
      app.post(path, ...permitted, answerSpeech);
      app.all(path, onlyMethods("POST"));
    }
  }

  app.get(previewPath, asAnybody, previewRequest<CallerEnv>(named), validBody, answerSpeech);
  app.all(previewPath, onlyMethods("GET"));
  const sample = [
    requireCaller("speech"),
    sampleRequest<CallerEnv>(bookOf),
    keptVoices,
    validBody,
    permitModel,
    reserveCharacters,
  ] as const;
  app.get(voiceSamplePath, ...sample, answerSpeech);
  app.all(voiceSamplePath, onlyMethods("GET"));
  app.route("/", jobRoutes(keptVoices) as unknown as Hono<EdgeEnv>);

  app.get(socketPath, requireSocket, requireCaller("speech"), answerSocket);
  app.all(socketPath, onlyMethods("GET"));

  app.get(audioFilePath, permitFile, answerFile);
  app.all(audioFilePath, onlyMethods("GET"));

  app.get(timestampsPath, permitFile, answerTimestamps);
  app.all(timestampsPath, onlyMethods("GET"));

  app.post("/v1/audio/tokens", requireCaller("tokens"), ...jsonBody, tokenBody, answerToken);
  app.all("/v1/audio/tokens", onlyMethods("POST"));

  app.notFound(pathNotFound(app));
  app.onError((cause) => errorResponse(toApiError(cause)));
  return app;
}
