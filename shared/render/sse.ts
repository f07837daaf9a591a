import { type SpeechStreamEvent, usageOf } from "../answers.ts";
import { ApiError, serverError } from "../api-error.ts";
import { toBase64 } from "../base64.ts";
import { closable } from "../closable.ts";
import type { SpeechFrame } from "../frames/frame.ts";
import type { FileUrl } from "./file-url.ts";

/**
 * Renders a speech answer as server-sent events, one delta per frame of audio, as it comes, and between them what happens in
 * it, where that was asked for. A failure becomes an
 * `error` event, which both OpenAI SDKs raise; without `speech.audio.done`, which also says where the file can be
 * fetched, the audio is not whole.
 */
export function renderSse(
  speech: AsyncGenerator<SpeechFrame, void>,
  fileUrl?: FileUrl,
): AsyncGenerator<Uint8Array, void> {
  return closable(render(speech, fileUrl), () => speech.return());
}

async function* render(
  speech: AsyncGenerator<SpeechFrame, void>,
  fileUrl?: FileUrl,
): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const frame of speech) {
      if (frame.kind === "audio") {
        yield sseEvent({ type: "speech.audio.delta", audio: toBase64(frame.bytes) });
      } else if (frame.kind === "event") {
        yield sseEvent(frame.event);
      } else {
        const url = await fileUrl?.(frame.end);
        yield sseEvent({ type: "speech.audio.done", usage: usageOf(frame.end), ...url });
      }
    }
  } catch (cause) {
    const failure =
      cause instanceof ApiError ? cause : serverError("The speech could not be completed.");
    const { error } = failure.envelope;
    yield encode(
      `event: error\ndata: ${JSON.stringify({ type: "speech.audio.error", error })}\n\n`,
    );
  }
}

function sseEvent(event: SpeechStreamEvent): Uint8Array {
  return encode(`data: ${JSON.stringify(event)}\n\n`);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
