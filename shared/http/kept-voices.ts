import type { Context, Env, MiddlewareHandler } from "hono";
import { type Catalogue, withKeptVoices } from "../catalogue.ts";
import type { KeptVoice } from "../voices/kept-voice.ts";
import { namedVoices } from "../voices/named-voices.ts";

/** What is known of a request's names, once its body has been read. */
export interface NamesEnv {
  Variables: {
    /** Those of this deployment, and the voices that whoever asks has kept here under names in the body. */
    names?: Catalogue;
  };
}

/**
 * Looks up the voices that a body names and that are none of the presets, for the schema to know them. A body that is no
 * JSON is left to whoever validates it. `find` is given folded names, and what the body is.
 */
export function findKeptVoices<E extends Env & NamesEnv>(
  catalogueOf: (c: Context<E>) => Catalogue,
  find: (c: Context<E>, names: readonly string[], body: unknown) => Promise<readonly KeptVoice[]>,
): MiddlewareHandler<E> {
  return async function findNamedVoices(c, next) {
    const body: unknown = await c.req.json().catch(() => undefined);
    const catalogue = catalogueOf(c);
    const names = namedVoices(body, catalogue);
    if (names.length > 0) {
      const found = await find(c, names, body);
      const kept = found.map(({ id, name, digest, models }) => ({ id, name, digest, models }));
      c.set("names", withKeptVoices(catalogue, kept));
    }
    await next();
  };
}
