import type { Context } from "hono";
import { notFound } from "../../shared/api-error.ts";
import { renderSrt, renderVtt } from "../../shared/render/subtitles.ts";
import { timestampsOf } from "../../shared/timestamps.ts";
import { openCache } from "../cache/cache.ts";
import { letGo } from "../cache/stored-audio.ts";
import type { CallerEnv } from "../context.ts";
import type { TimestampsFormat } from "../files/file-link.ts";
import { settingsOf } from "../settings.ts";

/** A name is the id of the file that it belongs to. */
export const timestampsPath = "/v1/audio/speech/:file{[0-9a-f]{64}\\.(?:vtt|srt|json)}";

const types: Record<TimestampsFormat, string> = {
  vtt: "text/vtt; charset=utf-8",
  srt: "application/x-subrip; charset=utf-8",
  json: "application/json",
};

/**
 * `GET /v1/audio/speech/{id}.vtt`, `.srt` or `.json`: when what is said in a file that is kept, where a request asked for it.
 * Throws a 404.
 */
export async function answerTimestamps(c: Context<CallerEnv>): Promise<Response> {
  const [id = "", extension] = c.req.param("file")?.split(".") ?? [];
  const format = extension as TimestampsFormat;
  const settings = settingsOf(c.env);
  const stored = await openCache(c.env, settings).store.find(id, "segment");
  if (stored) await letGo(stored);
  if (!stored?.events || !c.var.caller.models.includes(stored.facts.model)) {
    throw notFound(
      "timestamps_not_found",
      "There are no timestamps of such audio here, or no longer.",
    );
  }
  const { events } = stored.events;
  const body = {
    vtt: () => renderVtt(events),
    srt: () => renderSrt(events),
    json: () => JSON.stringify(timestampsOf(events)),
  }[format]();
  return c.body(body, 200, {
    "content-type": types[format],
    "cache-control": `private, max-age=${settings.cacheTtlSeconds}`,
    "content-disposition": `inline; filename="speech.${format}"`,
  });
}
