import type { Context, MiddlewareHandler } from "hono";
import * as z from "zod";
import type { Catalogue } from "../../shared/catalogue.ts";
import { findKeptVoices } from "../../shared/http/kept-voices.ts";
import { isObject } from "../../shared/http/translation.ts";
import { type KeptVoice, keptVoiceSchema } from "../../shared/voices/kept-voice.ts";
import { maxNamedVoices } from "../../shared/voices/named-voices.ts";
import { keptVoicesField } from "../../shared/voices/voice-files.ts";
import type { VoiceStore } from "../voices/voice-store.ts";
import type { OriginEnv } from "./context.ts";

const sentVoices = z.array(keptVoiceSchema).min(1).max(maxNamedVoices);

/**
 * The kept voices that a request may name: those that a trusted edge says, whose files have to be here, else those that are
 * kept here. Throws a 424 that names the files that an edge has to send first.
 */
export function keptVoicesOf(
  { book, files }: VoiceStore,
  catalogue: Catalogue,
  isTrusted: boolean,
): MiddlewareHandler<OriginEnv> {
  return findKeptVoices<OriginEnv>(
    () => catalogue,
    async (_c: Context<OriginEnv>, names, body) => {
      const sent = isTrusted ? voicesSaid(body) : undefined;
      if (sent) {
        await files.require(sent.map(({ digest }) => digest));
        return sent;
      }
      const found = await Promise.all(names.map((name) => book.findVoice(name)));
      return found.filter((voice) => voice !== undefined);
    },
  );
}

function voicesSaid(body: unknown): KeptVoice[] | undefined {
  return isObject(body) ? sentVoices.safeParse(body[keptVoicesField]).data : undefined;
}
