import { type Context, type Env, Hono } from "hono";
import type { Model, Voice } from "../answers.ts";
import { notFound } from "../api-error.ts";
import type { Catalogue } from "../catalogue.ts";
import { languageTags } from "../languages.ts";
import { type ModelId, modelIds, nativeModels, publishedNames } from "../models.ts";
import { type Voice as PresetVoice, speakers } from "../voices/presets.ts";
import { describeKeptVoice, type VoiceRecord } from "../voices/voice-record.ts";
import { onlyMethods } from "./methods.ts";
import { previewUrl } from "./preview.ts";

/** Clients show it and nothing else; it is the date the seed of this API has always given. */
const createdAt = 1_700_000_000;

/** What a program knows of a model beyond that it exists. */
export type ModelStatus = {
  [Fact in "available" | "loaded" | "engine" | "revision" | "resolved_model"]?:
    | Model[Fact]
    | undefined;
};

/**
 * The routes that list models and voices, the same at the edge and at the origin: the ids that clients are to choose from, and
 * the voices that whoever asks has kept,
 * with `?aliases=true` also the other names that are taken, and of voices, with `?legacy=true`, the ids as plain strings.
 */
export function catalogueRoutes<E extends Env>(
  catalogueOf: (c: Context<E>) => Catalogue,
  statusOf: (model: ModelId) => ModelStatus,
  keptBy: (c: Context<E>) => Promise<readonly VoiceRecord[]> = async () => [],
): Hono<E> {
  const app = new Hono<E>();

  for (const base of ["/v1/models", "/v1/audio/models"]) {
    app.get(base, (c) => {
      const catalogue = catalogueOf(c);
      const ids = wantsAliases(c) ? modelsByAnyName(catalogue) : modelIds;
      const models = ids.flatMap((id) => findModel(id, catalogue) ?? []);
      return c.json({ object: "list", data: models, models });
    });
    app.all(base, onlyMethods("GET"));
    // The publisher's ids have a slash, which clients encode or not.
    const one = `${base}/:id{.+}` as const;
    app.get(one, (c) => {
      const id = c.req.param("id") ?? "";
      const model = findModel(id, catalogueOf(c));
      if (!model) throw notFound("model_not_found", `There is no model ${quote(id)}.`);
      return c.json(model);
    });
    app.all(one, onlyMethods("GET"));
  }
  app.get("/v1/audio/voices", async (c) => {
    const catalogue = catalogueOf(c);
    const listed = wantsAliases(c) ? voicesByAnyName(catalogue) : catalogue.voices;
    const kept = await keptBy(c);
    const list =
      c.req.query("legacy") === "true"
        ? [...listed, ...kept].map(({ id }) => id)
        : [
            ...listed.map((voice) => describeVoice(voice, catalogue, c.req.url)),
            ...kept.map((voice) => describeKeptVoice(voice, c.req.url)),
          ];
    return c.json({ object: "list", data: list, voices: list });
  });
  app.all("/v1/audio/voices", onlyMethods("GET", "POST"));
  app.get("/v1/audio/voices/:id", (c) => {
    const id = c.req.param("id") ?? "";
    const voice = catalogueOf(c).findVoice(id);
    if (!voice) throw notFound("voice_not_found", `There is no voice ${quote(id)}.`);
    return c.json(describeVoice(voice, catalogueOf(c), c.req.url));
  });
  app.all("/v1/audio/voices/:id", onlyMethods("GET", "POST", "DELETE"));
  return app;

  function findModel(name: string, catalogue: Catalogue): Model | undefined {
    const model = catalogue.resolveModel(name);
    if (!model) return undefined;
    const status = statusOf(model.native);
    return {
      id: model.id,
      object: "model",
      created: createdAt,
      owned_by: "qwen3-tts",
      shutdown_date: null,
      voices: voicesOf(model.native, catalogue),
      ...status,
      resolved_model: status.resolved_model ?? model.native,
    };
  }
}

function wantsAliases(c: Context): boolean {
  return c.req.query("aliases") === "true";
}

function modelsByAnyName({ modelAliases }: Catalogue): string[] {
  const own = [...modelAliases.values()].map(({ id }) => id);
  return [...new Set([...modelIds, ...publishedNames, ...own])];
}

function voicesByAnyName({ voices, voiceAliases }: Catalogue): PresetVoice[] {
  return [...new Set([...voices, ...voiceAliases.values()])];
}

/** Of the presets. Base models speak with kept voices alone, each key with its own. */
function voicesOf(model: ModelId, { voices }: Catalogue): string[] {
  const { kind } = nativeModels[model];
  if (kind === "base") return [];
  return kind === "voice_design" ? ["design"] : voices.map(({ id }) => id);
}

function describeVoice(
  { id, speaker }: PresetVoice,
  { voiceNaming }: Catalogue,
  requestUrl: string,
): Voice {
  const { language, gender, description } = speakers[speaker];
  return {
    voice_id: id,
    id,
    object: "audio.voice",
    type: "preset",
    name: voiceNaming === "both" && id !== speaker ? `${id} (${speaker})` : speaker,
    preview_url: previewUrl(requestUrl, id),
    gender,
    description,
    language: languageTags[language],
  };
}

function quote(id: string): string {
  return id.length > 64 ? `of ${id.length} characters` : JSON.stringify(id);
}
