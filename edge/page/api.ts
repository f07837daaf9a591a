import type { EdgeHealth, Model, Voice } from "../../shared/answers.ts";
import type { ErrorEnvelope } from "../../shared/api-error.ts";
import type { AudioFormat } from "../../shared/formats.ts";
import type { KeptVoiceAnswer } from "../../shared/voices/voice-record.ts";

/** One of several who speak in turn. */
export interface Turn {
  voice?: string;
  text: string;
}

/** The body of `POST v1/audio/speech`, as far as this page fills it in. */
export interface SpeechFields {
  model: string;
  input: string | Turn[];
  voice?: string;
  language?: string;
  response_format: AudioFormat;
  speed?: number;
  instructions?: string;
  markup?: string;
  /** A number, or what was typed instead of one, for the server to judge. */
  seed?: number | string;
}

/** Why the server would not speak, in its own words. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  /** The field at fault, as the API names it. */
  readonly param: string | null;
  readonly code: string | null;

  constructor(status: number, message: string, param: string | null, code: string | null = null) {
    super(message);
    this.status = status;
    this.param = param;
    this.code = code;
  }
}

/** Of an origin, which has no fleet to report on, it has only some. */
export type Health = Partial<EdgeHealth>;

/** Where this server's API is: beside the page. */
export const apiUrl = new URL("v1", document.baseURI).href;

/** What the server says of itself, well or not. Rejects where it cannot be reached. */
export async function askHealth(): Promise<Health> {
  const answer = await fetch(new URL("health", document.baseURI));
  return (await answer.json()) as Health;
}

/** The models in the order of the list. Rejects with a Refusal. */
export async function askModels(): Promise<Model[]> {
  return askList<Model>("models");
}

/** The voices in the order of the list, with those that the key's owner keeps. Rejects with a Refusal. */
export async function askVoices(key: string): Promise<(Voice | KeptVoiceAnswer)[]> {
  return askList<Voice | KeptVoiceAnswer>("voices", key);
}

async function askList<Item>(name: string, key = ""): Promise<Item[]> {
  const answer = await ask(name, { key });
  return ((await answer.json()) as { data: Item[] }).data;
}

/** Asks for what is below `v1/audio`. Rejects with a Refusal where the answer is one, or the server cannot be reached. */
export async function ask(
  path: string,
  { key, ...init }: RequestInit & { key: string },
): Promise<Response> {
  const headers = key ? { authorization: `Bearer ${key}` } : {};
  const answer = await fetch(`${apiUrl}/audio/${path}`, { ...init, headers });
  if (!answer.ok) throw await readRefusal(answer);
  return answer;
}

export interface SpeechOptions {
  key: string;
  signal: AbortSignal;
  /** Asks for events that tell when it is said, with the audio among them. */
  timestamps?: "segment" | "word";
  /** Asks for another take than the one that everybody gets. */
  newTake?: boolean;
}

/** Audio among events that say more of it. */
const asEvents = { stream_format: "sse", progress: true };

/** Asks for speech and resolves with the head of its answer, whose body streams. Rejects with a Refusal. */
export async function askSpeech(fields: SpeechFields, options: SpeechOptions): Promise<Response> {
  const { key, signal, newTake = false, timestamps } = options;
  const answer = await fetch(`${apiUrl}/audio/speech`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(newTake ? { "cache-control": "no-cache" } : {}),
    },
    body: JSON.stringify(timestamps ? { ...fields, ...asEvents, timestamps } : fields),
    signal,
  });
  if (!answer.ok) throw await readRefusal(answer);
  return answer;
}

async function readRefusal(answer: Response): Promise<Refusal> {
  try {
    const { error } = (await answer.json()) as ErrorEnvelope;
    return new Refusal(answer.status, asSentence(error.message), error.param, error.code);
  } catch {
    return new Refusal(
      answer.status,
      `The server answered ${answer.status} without a reason.`,
      null,
    );
  }
}

/** What to tell of anything that was thrown. */
export function toRefusal(cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause;
  return new Refusal(0, "The server cannot be reached, or the connection broke.", null);
}

/** The server's messages begin with the name of a field and may end without a full stop. */
export function asSentence(message: string): string {
  const text = message.trim();
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
