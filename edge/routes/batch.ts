import type { Context } from "hono";
import { routePath } from "hono/route";
import {
  type BatchItem,
  maxBatchItems,
  readBatch,
  type SpeakableItem,
} from "../../shared/batch/batch-request.ts";
import { batchHeaders, renderBatch } from "../../shared/batch/render-batch.ts";
import {
  type ItemResult,
  type ItemSpeech,
  isFailed,
  isSpeakable,
  speakBatch,
} from "../../shared/batch/speak-batch.ts";
import { byteStream } from "../../shared/byte-stream.ts";
import { closable } from "../../shared/closable.ts";
import { eachFrame } from "../../shared/frames/read-frames.ts";
import { unbuffered } from "../../shared/http/audio-headers.ts";
import { invalidJson, toApiError } from "../../shared/http/errors.ts";
import { readRequestDirectives } from "../../shared/http/request-directives.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import { countCodePoints } from "../../shared/text-rules.ts";
import { requireModel } from "../auth/require-caller.ts";
import { openCache } from "../cache/cache.ts";
import { cacheHeaders } from "../cache/cache-headers.ts";
import type { CallerEnv } from "../context.ts";
import { clientLeft, leaving } from "../errors.ts";
import { type FoundSpeech, findSpeech } from "../find-speech.ts";
import { keptBytes } from "../flight/kept-bytes.ts";
import { countMore } from "../limits/rate.ts";
import { isClientsDoing, takeCharacters } from "../limits/reserve-characters.ts";
import { originBody } from "../origins/ask-origin.ts";
import { type Measured, measure } from "../request-log.ts";
import { settingsOf } from "../settings.ts";
import { speechHeaders } from "../speech-headers.ts";
import type { SpeechOutcome } from "../speech-outcome.ts";
import { linksOf } from "./speech.ts";

/**
 * A request has six connections that wait for their answers, and a thousand operations: an item takes about five, for the
 * record of its model, its file, its flight and the count of its key.
 */
const maxAtOnce = 4;

/** Of the 128 MB of an isolate, which other requests share. */
const mebibyte = 1024 * 1024;
const maxBytesAtOnce = 24 * mebibyte;
const room = { maxBytes: 48 * mebibyte, kept: keptBytes };

/** As long as a flight lets its only listener pause. */
const stallLimitMs = 10 * 60_000;

/**
 * `POST /v1/audio/speech/batch`: each item is looked for as a request of its own would be. Each counts as a request, and
 * its characters are taken before any is begun; those of items that failed, or were not begun, are given back.
 */
export async function answerBatch(c: Context<CallerEnv>): Promise<Response> {
  const catalogue = c.var.names ?? settingsOf(c.env).catalogue;
  const body: unknown = await c.req.json().catch(() => {
    throw invalidJson();
  });
  const { items: asked, output } = readBatch(body, catalogue);
  const items = asked.map((item) => permitted(item, c));
  const speakable = items.filter(isSpeakable);
  await countMore(c.env, c.req, c.var.caller, Math.min(maxBatchItems, items.length) - 1);
  const taken =
    speakable.length === 0
      ? undefined
      : await takeCharacters(c.env, c.var.caller, {
          characters: charactersOf(speakable),
          requests: speakable.length,
        });

  const stop = leaving(c.req.raw.signal);
  const account = createAccount(speakable);
  const results = speakBatch(items, {
    speak(item) {
      account.begin(item);
      return speakItem(c, item, stop.signal);
    },
    signal: stop.signal,
    maxAtOnce,
    maxBytesAtOnce,
    room,
  });
  const parts = renderBatch(account.watch(results), output);
  c.set("outcome", account.outcome);
  const settle = async () => {
    await account.outcome;
    await taken?.giveBack(account.unspokenCharacters());
  };
  c.executionCtx.waitUntil(settle());
  return c.body(byteStream(parts, stop, { stallLimitMs }), 200, {
    "cache-control": "private, no-cache",
    ...batchHeaders[output],
    ...unbuffered,
    ...taken?.headers,
  });
}

function permitted(item: BatchItem, c: Context<CallerEnv>): BatchItem {
  if (!isSpeakable(item)) return item;
  const { index, customId } = item;
  try {
    requireModel(c.var.caller, item.request);
    return item;
  } catch (cause) {
    return { index, customId, problem: toApiError(cause) };
  }
}

async function speakItem(
  c: Context<CallerEnv>,
  { index, request, fields }: SpeakableItem,
  signal: AbortSignal,
): Promise<ItemSpeech> {
  const settings = settingsOf(c.env);
  const cache = openCache(c.env, settings);
  const query = {
    request,
    delivery: "frames",
    directives: readRequestDirectives(c.req.header("cache-control")),
    mayRefresh: c.var.caller.scopes.includes("refresh"),
    owner: c.var.caller.id,
    body: originBody(fields, request),
    correlation: { ...c.var.correlation, requestId: `${c.var.requestId}-${index}` },
    timeoutSeconds: settings.originTimeoutSeconds,
    retries: false,
    isBatch: true,
    signal,
  } as const;
  const found = await measureItem(c, request, () =>
    findSpeech(query, {
      settings,
      cache,
      flights: c.env.FLIGHTS,
      voices: c.env.VOICES,
      waitUntil: (work) => c.executionCtx.waitUntil(work),
    }),
  );
  const cancel = () => found.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  const frames = eachFrame(found.frames());
  return {
    headers: { ...speechHeaders(request, found.headers), ...cacheHeaders(found.source) },
    speech: closable(frames, () => signal.removeEventListener("abort", cancel)),
    fileUrl: linksOf(c, request, found, cache)?.fileUrl,
  };
}

/** Each is looked for as a request of its own would be, and measured as one. */
async function measureItem(
  c: Context<CallerEnv>,
  { model, format }: SpeechRequest,
  find: () => Promise<FoundSpeech>,
): Promise<FoundSpeech> {
  const startedAt = Date.now();
  const tell = (fields: Pick<Measured, "status" | "source" | "code" | "headMs" | "audio_bytes">) =>
    measure(c.env, {
      ...fields,
      route: routePath(c, -1),
      duration_ms: Date.now() - startedAt,
      asked: { model, format, delivery: "whole" },
    });
  try {
    const found = await find();
    const headMs = Date.now() - startedAt;
    const source = found.source.name;
    const measured = found.outcome.then(({ audioBytes: audio_bytes, failure }) =>
      tell({ status: 200, source, code: failure?.code, headMs, audio_bytes }),
    );
    c.executionCtx.waitUntil(measured);
    return found;
  } catch (cause) {
    const { status, code } = toApiError(cause);
    const headMs = Date.now() - startedAt;
    tell({ status, source: undefined, code, headMs, audio_bytes: 0 });
    throw cause;
  }
}

function charactersOf(items: readonly SpeakableItem[]): number {
  return items.reduce((sum, { request }) => sum + countCodePoints(request.input), 0);
}

/** Knows what became of each item, for the key and for the log. */
function createAccount(speakable: readonly SpeakableItem[]) {
  const unspoken = new Set(speakable);
  let audioBytes = 0;
  let report: (outcome: SpeechOutcome) => void = () => undefined;
  const outcome = new Promise<SpeechOutcome>((resolve) => {
    report = resolve;
  });

  async function* pass(results: AsyncGenerator<ItemResult, void>) {
    try {
      for await (const result of results) {
        const { item } = result;
        if (!isFailed(result)) audioBytes += result.end.bytes;
        else if (isSpeakable(item) && !isClientsDoing(result.error)) unspoken.add(item);
        yield result;
      }
      report({ audioBytes, failure: undefined });
    } catch (cause) {
      report({ audioBytes, failure: toApiError(cause) });
      throw cause;
    }
  }

  return {
    outcome,
    begin: (item: SpeakableItem) => void unspoken.delete(item),
    unspokenCharacters: () => charactersOf([...unspoken]),
    watch(results: AsyncGenerator<ItemResult, void>): AsyncGenerator<ItemResult, void> {
      return closable(pass(results), async () => {
        await results.return();
        report({ audioBytes, failure: clientLeft() });
      });
    },
  };
}
