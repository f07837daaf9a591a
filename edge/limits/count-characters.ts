import { ApiError } from "../../shared/api-error.ts";
import { countCodePoints } from "../../shared/text-rules.ts";
import type { Caller } from "../auth/caller.ts";
import type { Env } from "../env.ts";
import { misconfigured, rateLimited } from "../errors.ts";
import { logFault } from "../log-fault.ts";
import { quotaExceeded } from "./reserve-characters.ts";

/** So many characters are reserved at once, since each time costs a way to the account and back. */
const blockCharacters = 500;

/** The characters of one socket. */
export interface SocketAccount {
  /** Passes messages on in both directions, counts what is to be spoken, and gives back what was not when it is over. */
  relay(client: WebSocket, origin: WebSocket): Promise<void>;
}

/** Takes a socket as one request of its key. Undefined where nobody counts characters. Throws a 429. */
export async function countCharacters(
  env: Env,
  { id, limits }: Caller,
): Promise<SocketAccount | undefined> {
  if (Object.keys(limits).length === 0) return undefined;
  if (!env.QUOTAS) throw misconfigured(`the limits of the key ${id} need the binding QUOTAS`);
  const quota = env.QUOTAS.getByName(id);
  const opened = await quota.reserve(0, limits);
  if (opened.exceeded === "requests") throw rateLimited(opened.requests?.resetSeconds ?? 60);
  if (limits.charactersPerDay === undefined) return undefined;

  let day = opened.day;
  let reserved = 0;
  /** Of each context, what has been passed on of it. */
  const passed = new Map<string, number>();
  let used = 0;

  /** Takes a text from what is reserved, and reserves more where that does not suffice. */
  async function take(characters: number): Promise<void> {
    if (used + characters > reserved) {
      const missing = used + characters - reserved;
      for (const asked of [missing + blockCharacters, missing]) {
        const taken = await quota.reserve(
          asked,
          { charactersPerDay: limits.charactersPerDay ?? 0 },
          0,
        );
        if (!taken.exceeded) {
          // What is left of another day's is of no use.
          if (taken.day !== day) reserved = used;
          day = taken.day;
          reserved += asked;
          break;
        }
        if (asked === missing && taken.characters)
          throw quotaExceeded(characters, taken.characters, {});
      }
    }
    used += characters;
  }

  async function fromClient(data: string, client: WebSocket, origin: WebSocket): Promise<void> {
    const message = parse(data);
    if (message?.type !== "input.append" || typeof message.text !== "string") {
      origin.send(data);
      return;
    }
    const characters = countCodePoints(message.text);
    const context = String(message.context_id);
    try {
      await take(characters);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      const { status, envelope } = cause;
      const contextId = message.context_id ?? null;
      client.send(
        JSON.stringify({
          ...{ type: "error", context_id: contextId, status, ...envelope },
          refused_characters: characters,
        }),
      );
      return;
    }
    passed.set(context, (passed.get(context) ?? 0) + characters);
    origin.send(data);
  }

  /** What an origin did not take, or ended without speaking, may be used again. */
  function fromOrigin(data: string): void {
    if (!data.startsWith('{"type":"response.done"') && !data.startsWith('{"type":"error"')) return;
    const message = parse(data);
    const context = String(message?.context_id);
    const unspoken = Number(message?.refused_characters ?? message?.unspoken_characters ?? 0);
    const back = Math.min(passed.get(context) ?? 0, unspoken);
    used -= back;
    if (message?.type === "response.done") passed.delete(context);
    else passed.set(context, (passed.get(context) ?? 0) - back);
  }

  return {
    async relay(client, origin) {
      await pass(client, origin, (data) => fromClient(data, client, origin), fromOrigin);
      if (reserved <= used) return;
      await Promise.resolve(quota.refund(reserved - used, day)).catch((cause: unknown) =>
        logFault("characters could not be given back", cause),
      );
    },
  };
}

/** Resolves when both are closed. */
function pass(
  client: WebSocket,
  origin: WebSocket,
  onText: (data: string) => Promise<void>,
  onAnswer: (data: string) => void,
): Promise<void> {
  // A message waits for the one before it, though that may wait for the account.
  let order = Promise.resolve();
  return new Promise((resolve) => {
    const isOpen = { client: true, origin: true };
    const closeOther = (from: "client" | "origin", to: WebSocket) => (event: CloseEvent) => {
      isOpen[from] = false;
      order = order
        .then(() => {
          // Codes that no one may send are those of a connection that was lost.
          const isLost = [1005, 1006, 1015].includes(event.code);
          if (isLost && event.code !== 1005) to.close(1011, "the other side is gone");
          else if (event.code === 1005) to.close();
          else to.close(event.code, event.reason);
        })
        .catch(() => undefined)
        .then(() => resolve());
    };
    for (const socket of [client, origin]) {
      socket.binaryType = "arraybuffer";
      socket.accept();
    }
    client.addEventListener("message", ({ data }) => {
      order = order
        .then(() => (typeof data === "string" ? onText(data) : origin.send(data)))
        .catch((cause: unknown) => {
          logFault("a message could not be passed on", cause);
          client.close(1011, "the server failed");
        });
    });
    origin.addEventListener("message", ({ data }) => {
      try {
        if (typeof data === "string") onAnswer(data);
        if (isOpen.client) client.send(data);
      } catch {
        // It has just been closed, and its listener will be told.
      }
    });
    client.addEventListener("close", closeOther("client", origin));
    origin.addEventListener("close", closeOther("origin", client));
  });
}

function parse(data: string): Record<string, unknown> | undefined {
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === "object" && message !== null ? { ...message } : undefined;
  } catch {
    return undefined;
  }
}
