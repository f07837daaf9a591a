import type { AudioFormat } from "../../shared/formats.ts";
import { fileId } from "../../shared/identity.ts";
import type { FileUrl } from "../../shared/render/file-url.ts";
import { type SpeechRequest, speakWith } from "../../shared/speech-request.ts";
import type { Cache } from "../cache/cache.ts";
import type { Settings } from "../settings.ts";
import type { UrlSigner } from "../signature.ts";
import { linkTo, type TimestampsFormat } from "./file-link.ts";

/** Where the file of an answer can be fetched by anybody for a while, by signed links. */
export interface AnswerLinks {
  /** `Content-Location` (RFC 9110, section 8.7), for an answer that is the file. */
  contentLocation(fileId: string): Promise<Record<string, string>>;
  /** For other answers, at whose end it is known under which revision the file is stored, and whether it is. */
  fileUrl: FileUrl;
}

export function createAnswerLinks(
  request: SpeechRequest,
  baseUrl: string,
  signer: UrlSigner,
  { cache, settings }: { cache: Cache; settings: Settings },
): AnswerLinks {
  const { model, format, timestamps } = request;
  return {
    async contentLocation(id) {
      return { "content-location": await linkTo(id, format, signer) };
    },
    async fileUrl(end) {
      if (end.finish !== "stop" || end.bytes > settings.cacheMaxBytes) return {};
      if (await cache.revisions.isOutdated(model, end)) return {};
      const id = await fileId(speakWith(request, end.model ?? model), end.revision);
      const urlOf = async (extension: AudioFormat | TimestampsFormat) =>
        new URL(await linkTo(id, extension, signer), baseUrl).href;
      const url = await urlOf(format);
      if (!timestamps) return { url };
      return { url, vtt_url: await urlOf("vtt"), srt_url: await urlOf("srt") };
    },
  };
}
