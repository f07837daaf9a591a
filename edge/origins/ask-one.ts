import { ApiError, invalidRequest } from "../../shared/api-error.ts";
import { batchHeader, callerHeader, deadlineHeader } from "../../shared/deadline.ts";
import { framesMediaType, type SpeechFrame } from "../../shared/frames/frame.ts";
import { BrokenFramesError, type SpeechSource } from "../../shared/frames/read-frames.ts";
import { type Correlation, correlationHeaders } from "../../shared/http/trace-context.ts";
import { badGateway, originUnreachable } from "../errors.ts";
import { lacksVoiceFiles, sendVoiceFiles } from "../voices/send-files.ts";
import type { KeptVoiceFiles } from "../voices/voice-files.ts";
import { originHeaders, speechFrames } from "./answer.ts";
import type { OriginSpeech } from "./origin-speech.ts";
import { userAgent, watchOver } from "./reachability.ts";
import { sendWithToken } from "./tokens.ts";
import { TryElsewhere } from "./try-elsewhere.ts";

export interface Attempt {
  origin: URL;
  tokens: readonly string[];
  /** As `originBody` makes it. */
  body: string;
  newTake: boolean;
  isBatch: boolean;
  /** The id of the key that asks, where there is one. */
  caller: string | undefined;
  correlation: Correlation;
  /** Of the voices that the body names. */
  voiceFiles: Pick<KeptVoiceFiles, "read">;
  /** Left for the first audio. */
  remainingMs: number;
  signal: AbortSignal;
}

/**
 * Asks one origin and returns once its first audio is here. Of the client's headers nothing travels as it is.
 *
 * Throws TryElsewhere for a failure that need not be another origin's, the origin's own error, and the signal's reason
 * once it is aborted.
 */
export async function askOne(attempt: Attempt): Promise<OriginSpeech> {
  const { origin, tokens, body, newTake, isBatch, caller, correlation, remainingMs, signal } =
    attempt;
  const files = attempt.voiceFiles;
  const gone = new AbortController();
  const stopWatching = watchOver(origin, () => gone.abort(new Error("the origin is gone")));
  let hasAnswered = false;
  try {
    const send = (token?: string) =>
      fetch(new URL("v1/audio/speech", origin), {
        method: "POST",
        headers: {
          accept: framesMediaType,
          "content-type": "application/json",
          "user-agent": userAgent,
          ...correlationHeaders(correlation),
          [deadlineHeader]: String(Math.ceil(remainingMs)),
          ...(newTake ? { "cache-control": "no-cache" } : {}),
          ...(isBatch ? { [batchHeader]: "1" } : {}),
          ...(caller === undefined ? {} : { [callerHeader]: caller }),
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        body,
        signal: AbortSignal.any([signal, gone.signal]),
        // A redirect would carry the text to wherever a proxy's login page is.
        redirect: "manual",
      });
    let answer = await sendWithToken(origin, tokens, send);
    if (lacksVoiceFiles(answer)) {
      const isSent = await sendVoiceFiles(answer, { origin, tokens, correlation, files, signal });
      if (!isSent) throw voiceIsGone();
      answer = await sendWithToken(origin, tokens, send);
    }
    hasAnswered = !gone.signal.aborted;
    const source = await untilFirstAudio(await speechFrames(answer));
    return { headers: originHeaders(answer), source };
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof ApiError || cause instanceof TryElsewhere) throw cause;
    throw new TryElsewhere(
      hasAnswered
        ? badGateway("The speech origin's answer broke off or was malformed.", cause)
        : originUnreachable(cause),
    );
  } finally {
    stopWatching();
  }
}

/** Its record was found, and its file was not: it has been deleted since. */
function voiceIsGone(): ApiError {
  return invalidRequest("voice_not_found", "voice must be one that has not been deleted", "voice");
}

/** Waits for the first audio: until then a failure can still be another origin's turn. */
async function untilFirstAudio(source: SpeechSource): Promise<SpeechSource> {
  const early: SpeechFrame[] = [];
  while (!early.some(({ kind }) => kind === "audio")) {
    const frames = await source.read();
    if (!frames) throw new BrokenFramesError("the answer ended before its first audio");
    early.push(...frames);
  }
  let unread: SpeechFrame[] | undefined = early;
  return {
    async read(atLeastBytes) {
      const first = unread;
      unread = undefined;
      return first ?? source.read(atLeastBytes);
    },
    cancel: () => source.cancel(),
  };
}
