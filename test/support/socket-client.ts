import { once } from "node:events";
import { WebSocket } from "ws";
import { audioHeaderBytes, socketPath } from "../../shared/socket.ts";

export interface Message {
  type: string;
  sequence: number;
  context_id?: string;
  context_index?: number;
  code?: string;
  error?: { code: string; message: string; param: string | null; type: string };
  [field: string]: unknown;
}

interface Closed {
  code: number;
  reason: string;
}

/** A client of the socket that keeps all it has heard. */
export interface SocketClient {
  socket: WebSocket;
  messages: Message[];
  /** Of each context, by its index. */
  audio: Map<number, Buffer[]>;
  /** Of the last message, text or audio. */
  lastSequence(): number;
  send(message: object | string | Buffer): void;
  append(contextId: string, text: string): void;
  done(contextId: string): void;
  /** Waits for a message, among those that came before, too. */
  until(type: string, contextId?: string): Promise<Message>;
  /** All audio of a context that has begun. */
  audioOf(contextId: string): Buffer;
  closed: Promise<Closed>;
}

interface Options {
  headers?: Record<string, string>;
  query?: Record<string, string>;
  protocols?: string[];
}

export async function openSocket(url: string, options: Options = {}): Promise<SocketClient> {
  const { headers = {}, query = {}, protocols = [] } = options;
  const address = new URL(socketPath, url.replace(/^http/, "ws"));
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  const socket = new WebSocket(address, protocols, { headers });
  const messages: Message[] = [];
  const audio = new Map<number, Buffer[]>();
  let lastSequence = 0;
  let wakers: (() => void)[] = [];
  function wake(): void {
    const woken = wakers;
    wakers = [];
    for (const waker of woken) waker();
  }
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) {
      lastSequence = data.readUInt32BE(0);
      const index = data.readUInt16BE(4);
      audio.set(index, [...(audio.get(index) ?? []), data.subarray(audioHeaderBytes)]);
    } else {
      const message = JSON.parse(data.toString()) as Message;
      if (message.sequence !== undefined) lastSequence = message.sequence;
      messages.push(message);
    }
    wake();
  });
  const closed = once(socket, "close").then(([code, reason]): Closed => {
    wake();
    return { code: Number(code), reason: String(reason) };
  });
  closed.catch(() => undefined);
  await once(socket, "open");
  const send = (message: object | string | Buffer) =>
    socket.send(
      typeof message === "string" || message instanceof Buffer ? message : JSON.stringify(message),
    );
  return {
    socket,
    messages,
    audio,
    lastSequence: () => lastSequence,
    send,
    append: (context_id, text) => send({ type: "input.append", context_id, text }),
    done: (context_id) => send({ type: "input.done", context_id }),
    async until(type, contextId) {
      for (;;) {
        const found = messages.find(
          (message) =>
            message.type === type && (contextId === undefined || message.context_id === contextId),
        );
        if (found) return found;
        if (socket.readyState === WebSocket.CLOSED) {
          throw new Error(`closed before ${type}: ${JSON.stringify(messages)}`);
        }
        await new Promise<void>((resolve) => wakers.push(resolve));
      }
    },
    audioOf(contextId) {
      const created = messages.find(
        ({ type, context_id }) => type === "response.created" && context_id === contextId,
      );
      return Buffer.concat(audio.get(created?.context_index ?? -1) ?? []);
    },
    closed,
  };
}

/** How a request for a socket was refused, which is no socket then. */
export async function refusedSocket(url: string, options: Options = {}) {
  const address = new URL(socketPath, url.replace(/^http/, "ws"));
  for (const [name, value] of Object.entries(options.query ?? {})) {
    address.searchParams.set(name, value);
  }
  const socket = new WebSocket(address, options.protocols ?? [], {
    headers: options.headers ?? {},
  });
  socket.on("error", () => undefined);
  const [, answer] = await once(socket, "unexpected-response");
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part);
  return {
    status: Number(answer.statusCode),
    body: JSON.parse(Buffer.concat(parts).toString()) as { error: { code: string } },
  };
}
