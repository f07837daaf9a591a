import { Hono } from "hono";
import type { Model, Voice } from "../answers.ts";
import { notFound } from "../api-error.ts";
import { languageTags } from "../languages.ts";
import { type ModelId, modelIds, resolveModel } from "../models.ts";
import { findVoice, type Voice as PresetVoice, speakers, voices } from "../voices.ts";
import { onlyMethods } from "./methods.ts";

/** Clients show it and nothing else; it is the date the seed of this API has always given. */
const createdAt = 1_700_000_000;

/** What a program knows of a model beyond that it exists. */
export type ModelStatus = Pick<Model, "loaded" | "engine" | "revision">;

/** The routes that list models and voices, the same at the edge and at the origin. */
export function catalogueRoutes(statusOf: (model: ModelId) => ModelStatus = () => ({})): Hono {
  const app = new Hono();
  function describeModel(id: string, model: ModelId): Model {
    return { id, object: "model", created: createdAt, owned_by: "qwen3-tts", ...statusOf(model) };
  }

  for (const base of ["/v1/models", "/v1/audio/models"]) {
    app.get(base, (c) => {
      const models = modelIds.flatMap((id) => {
        const model = resolveModel(id);
        return model ? [describeModel(id, model.native)] : [];
      });
      return c.json({ object: "list", data: models, models });
    });
    app.all(base, onlyMethods("GET"));
    app.get(`${base}/:id`, (c) => {
      const model = resolveModel(c.req.param("id"));
      if (!model)
        throw notFound("model_not_found", `There is no model ${quote(c.req.param("id"))}.`);
      return c.json(describeModel(model.id, model.native));
    });
    app.all(`${base}/:id`, onlyMethods("GET"));
  }
  app.get("/v1/audio/voices", (c) => {
    const list = voices.map(describeVoice);
    return c.json({ object: "list", data: list, voices: list });
  });
  app.all("/v1/audio/voices", onlyMethods("GET"));
  app.get("/v1/audio/voices/:id", (c) => {
    const voice = findVoice(c.req.param("id"));
    if (!voice) throw notFound("voice_not_found", `There is no voice ${quote(c.req.param("id"))}.`);
    return c.json(describeVoice(voice));
  });
  app.all("/v1/audio/voices/:id", onlyMethods("GET"));
  return app;
}

function describeVoice({ id, speaker }: PresetVoice): Voice {
  return {
    voice_id: id,
    id,
    object: "audio.voice",
    name: speaker,
    preview_url: null,
    language: languageTags[speakers[speaker]],
  };
}

function quote(id: string): string {
  return id.length > 64 ? `of ${id.length} characters` : JSON.stringify(id);
}
