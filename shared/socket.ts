import * as z from "zod";
import { ApiError } from "./api-error.ts";
import { broken } from "./wire-values.ts";

/** Where text is spoken while it is written, over a WebSocket (RFC 6455). */
export const socketPath = "/v1/audio/speech/stream";

/** What a client that must name a subprotocol names, and is told. */
export const socketProtocol = "qwen3-tts";
/** A browser cannot set headers: a token may be in a second subprotocol behind this. */
export const tokenProtocolPrefix = "qwen3-tts.token.";

export const maxMessageBytes = 1024 * 1024;
/** Of a context, in code points that no engine has been given. */
export const maxUnspokenCharacters = 4096;
export const maxContexts = 16;

/** What a socket is closed with beside the codes of RFC 6455, section 7.4.1. */
export const closeCodes = {
  stopping: 1001,
  policy: 1008,
  idle: 4408,
  takenOver: 4409,
  gone: 4410,
} as const;

/** What an edge tells an origin of a socket: its session's id, who may resume it, and the models that it may use. */
export const sessionIdHeader = "x-session-id";
export const sessionOwnerHeader = "x-session-owner";
export const sessionModelsHeader = "x-session-models";
/** The kept voices that it may name, as JSON in base64: none where the edge knows none. */
export const sessionVoicesHeader = "x-session-voices";

const contextRule = "a string of 1 to 64 characters";
const contextId = z
  .string(must("context_id", contextRule))
  .min(1, must("context_id", contextRule))
  .max(64, must("context_id", contextRule));

const session = z
  .looseObject({}, must("session", "a JSON object of the fields of a speech request"))
  .meta({ description: "Fields of a SpeechRequest except input, and audio_delivery." });

const messageTypes = [
  ...["session.update", "input.append", "input.flush", "input.done", "response.cancel"],
] as const;

/** What a client sends, each as one text message. */
export const clientMessageSchema = z.discriminatedUnion(
  "type",
  [
    z.object({
      type: z.literal("session.update"),
      /** Left out, the fields are the defaults of contexts that are still to begin. */
      context_id: contextId.optional(),
      session,
    }),
    z.object({
      type: z.literal("input.append"),
      context_id: contextId,
      text: z.string(must("text", "a string")),
    }),
    z.object({ type: z.literal("input.flush"), context_id: contextId }),
    z.object({ type: z.literal("input.done"), context_id: contextId }),
    z.object({ type: z.literal("response.cancel"), context_id: contextId }),
  ],
  {
    error: (issue) =>
      issue.code === "invalid_union"
        ? broken("type", `one of ${messageTypes.join(", ")}`, typeOf(issue.input))
        : "A message must be a JSON object",
  },
);

export type ClientMessage = z.infer<typeof clientMessageSchema>;

/** What tells how much of a text was spoken, in code points. */
export const spokenUsageSchema = z.object({
  characters: z.int().nonnegative(),
  unspoken_characters: z.int().nonnegative(),
});

/** Bytes before the audio of a binary message: `u32be sequence | u16be context_index | u16be 0`. */
export const audioHeaderBytes = 8;

/** A binary message: audio of a context, and its place among all messages of the session. */
export function encodeAudioMessage(
  sequence: number,
  contextIndex: number,
  audio: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(audioHeaderBytes + audio.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, sequence);
  view.setUint16(4, contextIndex);
  bytes.set(audio, audioHeaderBytes);
  return bytes;
}

/** 426: the path speaks over WebSockets alone (RFC 9110, section 15.5.22). */
export function upgradeRequired(): ApiError {
  return new ApiError({
    status: 426,
    type: "invalid_request_error",
    code: "upgrade_required",
    message: `${socketPath} is a WebSocket: ask with Upgrade: websocket, in a browser by new WebSocket(url).`,
    headers: { upgrade: "websocket" },
  });
}

/** The token that a socket's request shows in its query or as a subprotocol, where headers cannot be set. */
export function tokenOfSocket(request: {
  header(name: string): string | undefined;
  query(name: string): string | undefined;
}): string | undefined {
  if (request.header("upgrade")?.toLowerCase() !== "websocket") return undefined;
  const offered = request.header("sec-websocket-protocol")?.split(",") ?? [];
  const named = offered
    .map((name) => name.trim())
    .find((name) => name.startsWith(tokenProtocolPrefix));
  return named?.slice(tokenProtocolPrefix.length) ?? request.query("token");
}

function typeOf(message: unknown): unknown {
  return typeof message === "object" && message !== null && "type" in message
    ? message.type
    : undefined;
}

function must(field: string, rule: string) {
  return {
    error: (issue: { input?: unknown }) =>
      issue.input === undefined ? `${field} is required` : broken(field, rule, issue.input),
  };
}
