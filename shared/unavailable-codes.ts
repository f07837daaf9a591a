/**
 * Why an origin answers 503, and what not to ask of it for the moment: anything, this model, or, since the load would
 * only move on to the next origin, anything of anybody.
 */
export const unavailableCodes = {
  engine_missing: "origin",
  engine_not_ready: "origin",
  engine_closed: "origin",
  server_stopping: "origin",
  engine_failed: "model",
  model_not_loaded: "model",
  server_is_overloaded: "everybody",
} as const;

export type UnavailableCode = keyof typeof unavailableCodes;
