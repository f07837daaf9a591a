import type { Context, MiddlewareHandler } from "hono";
import { ApiError, invalidRequest } from "../../shared/api-error.ts";
import { toBase64 } from "../../shared/base64.ts";
import { correlationHeaders } from "../../shared/http/trace-context.ts";
import { nativeModelIds } from "../../shared/models.ts";
import {
  closeCodes,
  sessionIdHeader,
  sessionModelsHeader,
  sessionOwnerHeader,
  sessionVoicesHeader,
  socketPath,
  socketProtocol,
  upgradeRequired,
} from "../../shared/socket.ts";
import { findKeptVoice, type KeptVoice } from "../../shared/voices/kept-voice.ts";
import { brief } from "../../shared/wire-values.ts";
import type { CallerEnv, EdgeEnv } from "../context.ts";
import { originUnreachable } from "../errors.ts";
import { countCharacters } from "../limits/count-characters.ts";
import { refusalOf } from "../origins/answer.ts";
import { userAgent } from "../origins/reachability.ts";
import { rendezvous } from "../origins/rendezvous.ts";
import { sendWithToken } from "../origins/tokens.ts";
import { noteTrouble, troubledLast } from "../origins/troubles.ts";
import { TryElsewhere } from "../origins/try-elsewhere.ts";
import { requireOrigins, settingsOf } from "../settings.ts";
import { findVoices } from "../voices/open-book.ts";
import { lacksVoiceFiles, sendVoiceFiles } from "../voices/send-files.ts";
import { voiceFilesOf } from "../voices/voice-files.ts";

/** An origin that is alive takes a socket at once, and one that says nothing says so no later. */
const openLimitMs = 10_000;

/** Of one session. They travel in a header. */
const maxSocketVoices = 8;

/**
 * `GET /v1/audio/speech/stream`: passes the socket on to an origin, whose address follows from the session's id, so that who
 * resumes it comes there again. Where characters are counted, the messages go through here.
 */
export async function answerSocket(c: Context<CallerEnv>): Promise<Response> {
  const { caller } = c.var;
  const account = await countCharacters(c.env, caller);
  const resumed = c.req.query("session_id");
  const id = resumed ?? `sess_${crypto.randomUUID().replaceAll("-", "")}`;
  const answer = await connect(c, id);
  if (!answer?.webSocket) return refuseInSocket();
  const protocol = answer.headers.get("sec-websocket-protocol");
  const headers = protocol === null ? {} : { "sec-websocket-protocol": protocol };
  if (!account) return new Response(null, { status: 101, webSocket: answer.webSocket, headers });
  const { 0: client, 1: server } = new WebSocketPair();
  const settled = account.relay(server, answer.webSocket);
  c.executionCtx.waitUntil(settled);
  return new Response(null, { status: 101, webSocket: client, headers });
}

/** Lets requests pass that want to become a WebSocket, whoever asks. Throws a 426. */
export const requireSocket: MiddlewareHandler<EdgeEnv> = async (c, next) => {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") throw upgradeRequired();
  await next();
};

/** The first origin's answer that takes the socket; undefined when none has the session any more. */
async function connect(c: Context<CallerEnv>, id: string): Promise<Response | undefined> {
  const settings = settingsOf(c.env);
  const { caller, correlation } = c.var;
  const { search } = new URL(c.req.url);
  const isResumed = c.req.query("session_id") !== undefined;
  const mayUseAll = caller.models.length === nativeModelIds.length;
  const offered = c.req.header("sec-websocket-protocol")?.split(",") ?? [];
  const offersProtocol = offered.some((name) => name.trim() === socketProtocol);
  const voices = isResumed ? [] : await voicesOf(c);
  const files = voiceFilesOf(c.env.VOICES, caller.id);
  let told: ApiError | undefined;
  for (const origin of troubledLast(await rendezvous(id, requireOrigins(settings)))) {
    // Not one that goes off later: the socket would go with it.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), openLimitMs);
    try {
      const url = new URL(socketPath.slice(1), origin);
      // The token is the client's own, and for this edge alone.
      const query = new URLSearchParams(search);
      query.delete("token");
      query.delete("voice");
      url.search = query.toString();
      const tokens = settings.originTokens;
      const send = (token?: string) =>
        fetch(url, {
          headers: {
            upgrade: "websocket",
            "user-agent": userAgent,
            ...correlationHeaders(correlation),
            [sessionIdHeader]: id,
            [sessionOwnerHeader]: caller.id,
            ...(mayUseAll ? {} : { [sessionModelsHeader]: caller.models.join(",") }),
            [sessionVoicesHeader]: toBase64(new TextEncoder().encode(JSON.stringify(voices))),
            ...(offersProtocol ? { "sec-websocket-protocol": socketProtocol } : {}),
            ...(token ? { authorization: `Bearer ${token}` } : {}),
          },
          redirect: "manual",
          signal: late.signal,
        });
      let answer = await sendWithToken(origin, tokens, send);
      if (lacksVoiceFiles(answer)) {
        const { signal } = c.req.raw;
        await sendVoiceFiles(answer, { origin, tokens, correlation, files, signal });
        answer = await sendWithToken(origin, tokens, send);
      }
      clearTimeout(timer);
      if (answer.webSocket) return answer;
      if (answer.status === 410 && isResumed) {
        await answer.body?.cancel();
        continue;
      }
      throw await refusalOf(answer);
    } catch (cause) {
      clearTimeout(timer);
      if (cause instanceof ApiError) throw cause;
      const failure =
        cause instanceof TryElsewhere ? cause : new TryElsewhere(originUnreachable(cause));
      told ??= failure.told;
      if (failure.isTrouble) noteTrouble(origin);
    }
  }
  if (told && !isResumed) throw told;
  return undefined;
}

/** The kept voices that `?voice=` names, once for each. Throws a 400 for one that the caller has not. */
async function voicesOf(c: Context<CallerEnv>): Promise<KeptVoice[]> {
  const names = c.req.queries("voice") ?? [];
  if (names.length > maxSocketVoices) {
    const message = `voice must be in the address at most ${maxSocketVoices} times; it is ${names.length} times`;
    throw invalidRequest("invalid_value", message, "voice");
  }
  const found = await findVoices(c.env, c.var.caller.id, names);
  for (const name of names) {
    if (findKeptVoice(found, name)) continue;
    const message = `voice must be in the address for voices that are kept here; got ${brief(name)}`;
    throw invalidRequest("voice_not_found", message, "voice");
  }
  return found.map(({ id, name, digest, models }) => ({ id, name, digest, models }));
}

/** Browsers are told of no status: what is gone is told by the code that closes the socket. */
function refuseInSocket(): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(closeCodes.gone, "the session, or what came after that message, is gone");
  return new Response(null, { status: 101, webSocket: client });
}
