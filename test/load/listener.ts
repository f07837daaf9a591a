import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import { receive, send } from "../support/sockets.ts";

/** How a request ended. The last three must never be. */
export const outcomes = [
  "complete",
  "left",
  "error",
  "reset",
  "hung",
  "truncated",
  "wrong",
] as const;
export type Outcome = (typeof outcomes)[number];

/** One thing to ask for, and what the right answer is. */
export interface Question {
  fields: { input: string; response_format: string; voice: string };
  answer: Buffer;
}

const voices = ["alloy", "echo", "nova", "sage"];
/** Those whose bytes are the same live and stored: the others say in their header how long they are, once that is known. */
const formats = ["mp3", "opus", "aac", "pcm"];
const limitMs = 90_000;

/** Asks a quiet origin for what others will be compared with. */
export async function prepareQuestions(
  count: number,
  ask: (fields: object) => Promise<Response>,
): Promise<Question[]> {
  const questions: Question[] = [];
  for (let i = 0; i < count; i++) {
    const fields = {
      input: `Text ${i} of many is ${"said and said again, ".repeat(i % 5)}and then it ends.`,
      response_format: formats[i % formats.length] ?? "mp3",
      voice: voices[(i >> 2) % voices.length] ?? "alloy",
    };
    const answer = await ask(fields);
    if (answer.status !== 200) throw new Error(`the origin answered ${answer.status}`);
    questions.push({ fields, answer: Buffer.from(await answer.arrayBuffer()) });
  }
  return questions;
}

/** Asks once, as one of several clients would, and judges what comes. `chance` is from 0 to 1. */
export async function listen(
  url: string,
  { fields, answer: expected }: Question,
  chance: () => number,
): Promise<Outcome> {
  const headers = {
    "content-type": "application/json",
    ...(chance() < 0.3 ? { "cache-control": "no-store" } : {}),
  };
  const sent = send(`${url}/v1/audio/speech`, {
    method: "POST",
    headers,
    body: JSON.stringify({ model: "tts-1", ...fields }),
  });
  const leaves = chance() < 0.15;
  const leaving = leaves ? setTimeout(() => sent.reset(), chance() * 300) : undefined;
  const late = new Promise<"hung">((resolve) => {
    setTimeout(resolve, limitMs, "hung").unref();
  });
  try {
    const outcome = await Promise.race([judge(), late]);
    if (outcome === "hung") sent.reset();
    return leaves && outcome === "reset" ? "left" : outcome;
  } catch {
    return leaves ? "left" : "reset";
  } finally {
    clearTimeout(leaving);
  }

  async function judge(): Promise<Outcome> {
    const { status, body, ended } = await receive(await sent.head);
    if (ended === "reset") return "reset";
    if (status === 200 && body.equals(expected)) return "complete";
    if (status === 200) {
      return body.equals(expected.subarray(0, body.length)) ? "truncated" : "wrong";
    }
    return errorEnvelopeSchema.safeParse(parse(body.toString())).success ? "error" : "wrong";
  }
}

/** Undefined where it is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
