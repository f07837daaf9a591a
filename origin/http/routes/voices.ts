import { Hono, type MiddlewareHandler } from "hono";
import { invalidRequest } from "../../../shared/api-error.ts";
import type { Catalogue } from "../../../shared/catalogue.ts";
import { onlyMethods } from "../../../shared/http/methods.ts";
import { limitBody, readBody } from "../../../shared/http/speech-body.ts";
import { voiceRoutes } from "../../../shared/http/voices.ts";
import type { VoiceMaker } from "../../../shared/voices/voice-book.ts";
import {
  hearRecordingPath,
  madeVoiceHeader,
  madeVoiceSchema,
  voiceFilesPath,
} from "../../../shared/voices/voice-files.ts";
import {
  maxVoiceBodyBytes,
  readRecordingField,
  readVoiceFields,
  readVoiceOrder,
} from "../../../shared/voices/voice-order.ts";
import { maxVoiceFileBytes } from "../../voices/voice-files.ts";
import type { VoiceStore } from "../../voices/voice-store.ts";
import type { OriginEnv } from "../context.ts";
import { stopWith } from "./speech.ts";

/**
 * The voices that are kept here for whoever asks this origin itself; and for edges, which keep voices of their own: a voice
 * made and handed back, a recording judged, and a voice's file taken, to speak with.
 */
export function originVoiceRoutes(
  { book, files }: VoiceStore,
  maker: VoiceMaker,
  { catalogue, access }: { catalogue: Catalogue; access: readonly MiddlewareHandler<OriginEnv>[] },
): Hono<OriginEnv> {
  const app = new Hono<OriginEnv>();
  app.route(
    "/",
    voiceRoutes<OriginEnv>({
      catalogueOf: () => catalogue,
      bookOf: () => book,
      makerOf: () => maker,
      access,
      signalOf: (c) => stopWith(c.req.raw.signal).signal,
    }),
  );

  app.post(voiceFilesPath, limitBody(maxVoiceBodyBytes), async (c) => {
    const order = readVoiceOrder(await readVoiceFields(c), catalogue);
    const { file, ...made } = await maker.make(order, stopWith(c.req.raw.signal).signal);
    return c.body(Uint8Array.from(file), 200, {
      "content-type": "application/json",
      [madeVoiceHeader]: JSON.stringify(madeVoiceSchema.parse(made)),
    });
  });
  app.all(voiceFilesPath, onlyMethods("POST"));

  app.post(hearRecordingPath, limitBody(maxVoiceBodyBytes), async (c) => {
    const recording = readRecordingField(await readVoiceFields(c), "recording");
    return c.json(await maker.hear(recording, stopWith(c.req.raw.signal).signal));
  });
  app.all(hearRecordingPath, onlyMethods("POST"));

  const onePath = `${voiceFilesPath}/:digest` as const;
  app.put(onePath, limitBody(maxVoiceFileBytes), async (c) => {
    const digest = c.req.param("digest");
    if (!/^[0-9a-f]{64}$/.test(digest)) {
      throw invalidRequest("invalid_voice_file", "A voice's file is named by its SHA-256.");
    }
    await files.put(digest, new Uint8Array(await readBody(c)));
    return c.body(null, 204);
  });
  app.all(onePath, onlyMethods("PUT"));
  return app;
}
