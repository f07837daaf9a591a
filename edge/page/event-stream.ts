import type { SpeechStreamEvent } from "../../shared/answers.ts";
import type { ErrorEnvelope } from "../../shared/api-error.ts";
import type { SpeechEvent } from "../../shared/speech-events.ts";
import { Refusal } from "./api.ts";

type Failed = { type: "speech.audio.error" } & Pick<ErrorEnvelope, "error">;

/**
 * The audio of an answer in server-sent events, as it comes; what happens in the speech is told to `told`. Throws a Refusal for
 * speech that failed on its way.
 */
export async function* audioOf(
  { body }: Response,
  told: (event: SpeechEvent) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let isWhole = false;
  for await (const data of dataOf(body)) {
    const event = JSON.parse(data) as SpeechStreamEvent | Failed;
    switch (event.type) {
      case "speech.audio.delta":
        yield fromBase64(event.audio);
        break;
      case "speech.audio.done":
        isWhole = true;
        break;
      case "speech.audio.error":
        throw new Refusal(500, event.error.message, event.error.param);
      default:
        told(event);
    }
  }
  if (!isWhole) throw new TypeError("the speech broke off");
}

/** The data of each event (https://html.spec.whatwg.org/multipage/server-sent-events.html), one line each here. */
async function* dataOf(body: Response["body"]): AsyncGenerator<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  while (reader) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data: ")) yield line.slice("data: ".length);
  }
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
