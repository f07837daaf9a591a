import { Hono } from "hono";
import type { WebSocket } from "ws";
import * as z from "zod";
import { ApiError, invalidRequest } from "../../../shared/api-error.ts";
import { onlyMethods } from "../../../shared/http/methods.ts";
import { type ModelId, nativeModelIds } from "../../../shared/models.ts";
import {
  closeCodes,
  sessionIdHeader,
  sessionModelsHeader,
  sessionOwnerHeader,
  sessionVoicesHeader,
  socketPath,
  upgradeRequired,
} from "../../../shared/socket.ts";
import { type KeptVoice, keptVoiceSchema } from "../../../shared/voices/kept-voice.ts";
import { brief } from "../../../shared/wire-values.ts";
import type { Wire } from "../../socket/outbox.ts";
import type { Session } from "../../socket/session.ts";
import type { Sessions } from "../../socket/sessions.ts";
import type { VoiceStore } from "../../voices/voice-store.ts";
import type { OriginEnv } from "../context.ts";
import type { Upgrade } from "../upgrade.ts";

interface SocketEnv extends OriginEnv {
  Bindings: { upgrade?: Upgrade };
}

/** Codes by which a client says that it is done, or is told why; after others it may come back. */
const finalCodes = [1000, 1001, 1003, 1005, 1007, 1008, 1009];

const pingMs = 20_000;

/** `GET /v1/audio/speech/stream`. An edge that is trusted chooses the session's id and says who may use it for what. */
export function speechStreamRoutes(
  sessions: Sessions,
  { book, files }: VoiceStore,
  isTrusted: boolean,
): Hono<SocketEnv> {
  const app = new Hono<SocketEnv>();
  app.get(socketPath, async (c) => {
    const { upgrade } = c.env ?? {};
    if (!upgrade) throw upgradeRequired();
    const told = (name: string) => (isTrusted ? c.req.header(name) : undefined);
    const id = told(sessionIdHeader);
    const owner = told(sessionOwnerHeader);
    const resumed = c.req.query("session_id");
    if (resumed !== undefined) {
      const lastSequence = readSequence(c.req.query("last_sequence"));
      const session = sessions.find(resumed, owner);
      // Another origin may have it.
      if (!session && id !== undefined) throw sessionGone();
      return upgrade.accept((socket) => connect(socket, session, lastSequence));
    }
    sessions.requireRoom();
    const models = readModels(told(sessionModelsHeader));
    const { log } = c.var;
    const sent = readSocketVoices(told(sessionVoicesHeader));
    if (sent) await files.require(sent.map(({ digest }) => digest));
    const keptVoices = sent ?? (await book.listVoices());
    return upgrade.accept((socket) =>
      connect(socket, sessions.open({ id, owner, models, keptVoices, log }), 0),
    );
  });
  app.all(socketPath, onlyMethods("GET"));
  return app;
}

function connect(socket: WebSocket, session: Session | undefined, lastSequence: number): void {
  const wire: Wire = {
    send: (data, onSent) => socket.send(data, onSent),
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    close(code, reason) {
      socket.close(code, reason);
    },
  };
  // What is wrong with a frame is told by the code that closes it.
  socket.on("error", () => undefined);
  if (!session?.connect(wire, lastSequence)) {
    socket.close(closeCodes.gone, "the session, or what came after that message, is gone");
    return;
  }
  let isAlive = true;
  // A client that vanished without a word is found out.
  const pings = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, pingMs);
  const alive = () => {
    isAlive = true;
  };
  socket.on("pong", alive);
  socket.on("message", (data, isBinary) => {
    alive();
    session.receive(wire, isBinary ? undefined : String(data));
  });
  socket.on("close", (code) => {
    clearInterval(pings);
    session.disconnect(wire, finalCodes.includes(code));
  });
}

function readSequence(text: string | undefined): number {
  if (text !== undefined && /^\d{1,10}$/.test(text)) return Number(text);
  const rule = "the sequence of the last message that was received, a whole number";
  const message = `last_sequence must be ${rule}; got ${brief(text)}`;
  throw invalidRequest("invalid_value", message, "last_sequence");
}

function readModels(list: string | undefined): readonly ModelId[] | undefined {
  const named = list?.split(",");
  return named && nativeModelIds.filter((id) => named.includes(id));
}

function sessionGone(): ApiError {
  return new ApiError({
    status: 410,
    type: "invalid_request_error",
    code: "session_gone",
    message: "The session is not here, or not any more.",
  });
}

/** What an edge says of kept voices; undefined where none spoke. Throws an ApiError (400) for what none would say. */
function readSocketVoices(text: string | undefined): KeptVoice[] | undefined {
  if (text === undefined) return undefined;
  try {
    return z.array(keptVoiceSchema).parse(JSON.parse(Buffer.from(text, "base64").toString()));
  } catch {
    const message = `${sessionVoicesHeader} must be kept voices, as JSON in base64; got ${brief(text)}`;
    throw invalidRequest("invalid_value", message);
  }
}
