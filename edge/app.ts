import { Hono } from "hono";
import { catalogueRoutes } from "../shared/http/catalogue.ts";
import { openCors } from "../shared/http/cors.ts";
import { errorResponse, routeNotFound, toApiError } from "../shared/http/errors.ts";
import { onlyMethods } from "../shared/http/methods.ts";
import { requestIds } from "../shared/http/request-id.ts";
import { limitBody, requireJsonType, requireUtf8, speechBody } from "../shared/http/speech-body.ts";
import type { EdgeEnv } from "./env.ts";
import { reportHealth } from "./health.ts";
import { requestLog } from "./request-log.ts";
import { answerBase64, answerSpeech } from "./routes/speech.ts";

/** The edge's API: everything of the origin's that clients use. */
export function createApp(): Hono<EdgeEnv> {
  const app = new Hono<EdgeEnv>();
  app.use(requestIds(), requestLog, openCors());

  app.route("/", catalogueRoutes());
  app.get("/health", reportHealth);
  app.all("/health", onlyMethods("GET"));

  // The order of a speech request: who asks (authentication, to come before the body is read), what is asked
  // (validation), whether it may be asked (permissions and limits), whether it was asked before (cache, then one flight
  // for equal requests), and only then an origin.
  const valid = [requireJsonType, limitBody, requireUtf8] as const;
  app.post("/v1/audio/speech", ...valid, speechBody, answerSpeech);
  app.all("/v1/audio/speech", onlyMethods("POST"));
  app.post("/v1/audio/speech/base64", ...valid, speechBody, answerBase64);
  app.all("/v1/audio/speech/base64", onlyMethods("POST"));

  app.notFound(routeNotFound);
  app.onError((cause) => errorResponse(toApiError(cause)));
  return app;
}
