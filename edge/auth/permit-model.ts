import type { MiddlewareHandler } from "hono";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import type { CallerEnv } from "../context.ts";
import { forbidden } from "./auth-errors.ts";

/** Lets a valid speech request pass whose model the caller may use. Throws a 403. */
export const permitModel: MiddlewareHandler<
  CallerEnv,
  string,
  { out: { json: SpeechRequest } }
> = async (c, next) => {
  const { modelId, model } = c.req.valid("json");
  if (!c.var.caller.models.includes(model)) {
    throw forbidden("model_not_allowed", `This key may not use the model ${modelId}.`, "model");
  }
  await next();
};
