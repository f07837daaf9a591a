import type { ApiError } from "../../shared/api-error.ts";
import { deadlineExceeded } from "../../shared/deadline.ts";
import type { SpeechSource } from "../../shared/frames/read-frames.ts";
import type { Correlation } from "../../shared/http/trace-context.ts";
import type { SpeechRequest, Turn } from "../../shared/speech-request.ts";
import { keptVoicesField } from "../../shared/voices/voice-files.ts";
import { wireRequestSchema } from "../../shared/wire-request.ts";
import { originTimeout } from "../errors.ts";
import { logFault, requestFacts } from "../log-fault.ts";
import { requireOrigins, type Settings } from "../settings.ts";
import type { KeptVoiceFiles } from "../voices/voice-files.ts";
import { askOne } from "./ask-one.ts";
import type { OriginSpeech } from "./origin-speech.ts";
import { createPatience, type Patience } from "./patience.ts";
import { rendezvous } from "./rendezvous.ts";
import { noteTrouble, troubledLast } from "./troubles.ts";
import { TryElsewhere } from "./try-elsewhere.ts";

/** What origins are asked for. */
export interface OriginOrder {
  /** As `originBody` makes it. */
  body: string;
  /** Whether another take than the usual one is wanted, unless the body names a seed. */
  newTake?: boolean;
  /** Whether it is part of a batch, and may wait until others have been spoken. */
  isBatch?: boolean;
  /** The id of the key that asks, where there is one. */
  caller?: string | undefined;
  correlation: Correlation;
  /** Of the voices that the body names. */
  voiceFiles: Pick<KeptVoiceFiles, "read">;
  /** Hex. Orders that can be answered together have equal keys, and so come to the same origin. */
  routingKey: string;
  /** How long the first audio may take, over all attempts. */
  timeoutSeconds: number;
  /** Ends the origin's work when it is aborted, at any time. */
  stop: AbortController;
}

/**
 * A connection that is refused and one that is cut look the same in a Worker. What took longer may have been begun: a
 * request that brings origins down must not go round them all.
 */
const begunAfterMs = 1000;
const maxBegun = 2;

/**
 * Has an origin speak, and returns once its first audio is here: until then a failure can still be a proper status, or
 * another origin's turn. Every failure, thrown from here or from the speech, is the ApiError to tell the client.
 */
export async function askOrigin(order: OriginOrder, settings: Settings): Promise<OriginSpeech> {
  const { timeoutSeconds, stop } = order;
  const beginning = createPatience(timeoutSeconds, deadlineExceeded, stop);
  const { headers, source } = await beginning.wait(askInTurn(order, settings));
  beginning.end();
  const patience = createPatience(settings.originTimeoutSeconds, originTimeout, stop);
  return { headers, source: patiently(source, patience) };
}

async function askInTurn(order: OriginOrder, settings: Settings): Promise<OriginSpeech> {
  const {
    body,
    newTake = false,
    isBatch = false,
    caller,
    correlation,
    voiceFiles,
    routingKey,
    timeoutSeconds,
    stop,
  } = order;
  const origins = requireOrigins(settings);
  const { originTokens: tokens } = settings;
  const endsAt = Date.now() + timeoutSeconds * 1000;
  let told: ApiError | undefined;
  let begun = 0;
  for (const origin of troubledLast(await rendezvous(routingKey, origins))) {
    const askedAt = Date.now();
    // Never more than there was, should the clock be set back.
    const remainingMs = Math.min(endsAt - askedAt, timeoutSeconds * 1000);
    try {
      const { signal } = stop;
      const asked = { body, newTake, isBatch, caller, correlation, voiceFiles };
      return await askOne({ origin, tokens, ...asked, remainingMs, signal });
    } catch (cause) {
      if (!(cause instanceof TryElsewhere)) throw cause;
      told ??= cause.told;
      // Another one may answer, and nobody would know.
      const facts = { origin: origins.indexOf(origin), ...requestFacts(correlation) };
      logFault(`an origin failed: ${cause.told.code}`, cause.cause ?? cause.told.message, facts);
      if (cause.isTrouble) noteTrouble(origin);
      if (Date.now() - askedAt > begunAfterMs) begun++;
      if (begun === maxBegun) break;
    }
  }
  throw told;
}

function patiently(source: SpeechSource, patience: Patience): SpeechSource {
  return {
    async read(atLeastBytes) {
      const frames = await patience.wait(source.read(atLeastBytes));
      if (!frames || frames.at(-1)?.kind === "end") patience.end();
      return frames;
    },
    async cancel() {
      patience.end();
      await source.cancel();
    },
  };
}

/**
 * What origins are sent of a client's JSON: the fields known here, as they were written, but for names, which are sent as
 * they were resolved here. An origin of a newer version, or with aliases of its own, would heed others or mean other things by
 * them, which the name that its answer is kept under says nothing of: one request could then change what the next ones
 * hear.
 */
export function originBody(fields: Record<string, unknown>, request: SpeechRequest): string {
  const { lang_code: _, ...known } = Object.fromEntries(
    Object.entries(fields).filter(([name]) => Object.hasOwn(wireRequestSchema.shape, name)),
  );
  const { model, language, turns, keptVoices } = request;
  const said = turns ? { input: turns.map((turn) => turnBody(turn, request.input)) } : {};
  const kept = keptVoices.length > 0 ? { [keptVoicesField]: keptVoices } : {};
  const voice = spokenName({ ...request, id: request.voiceId });
  return JSON.stringify({ ...known, ...said, ...kept, model, voice, language });
}

function turnBody(turn: Turn, input: string): object {
  const { start, end, instructions } = turn;
  const text = input.slice(start, end);
  return { voice: spokenName(turn), text, ...(instructions === null ? {} : { instructions }) };
}

/** By speakers and ids, which mean the same everywhere. */
function spokenName({ speaker, id }: Pick<Turn, "speaker" | "id">): string {
  return speaker ?? id;
}
