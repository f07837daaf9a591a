import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { errorResponse } from "../../shared/http/errors.ts";
import { invalidHost } from "../../shared/http/paths.ts";
import { maxMessageBytes, socketProtocol } from "../../shared/socket.ts";

/** What a route finds in `c.env` of a request that wants to become a WebSocket. */
export interface Upgrade {
  /** Takes it; it is made one when the route has answered. */
  accept(onOpen: (socket: WebSocket) => void): Response;
}

type Answer = (request: Request, env: { upgrade: Upgrade }) => Response | Promise<Response>;

/**
 * Has requests for WebSockets answered by the app as others are, so that what it refuses is refused in its words. Requests
 * for other protocols, such as Java's for h2c, go on as if they had asked for nothing (RFC 9110, section 7.8).
 */
export function acceptUpgrades(server: Server, answer: Answer): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(socketProtocol) ? socketProtocol : false),
  });
  server.on("upgrade", (request, socket, head) => {
    if (request.headers.upgrade?.toLowerCase() !== "websocket") {
      return passOn(server, request, socket, head);
    }
    socket.on("error", () => socket.destroy());
    answerUpgrade(sockets, answer, request, socket, head).catch(() => socket.destroy());
  });
}

async function answerUpgrade(
  sockets: WebSocketServer,
  answer: Answer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  let open: ((socket: WebSocket) => void) | undefined;
  const upgrade: Upgrade = {
    accept(onOpen) {
      open = onOpen;
      return new Response(null);
    },
  };
  const asked = requestOf(request);
  if (!asked) return refuse(socket, errorResponse(invalidHost(request.headers.host)));
  const answered = await answer(asked, { upgrade });
  if (open) sockets.handleUpgrade(request, socket, head, open);
  else await refuse(socket, answered);
}

/** Undefined where the address is no URL. */
function requestOf({ headers, url = "/" }: IncomingMessage): Request | undefined {
  const base = `http://${headers.host ?? "localhost"}`;
  if (!URL.canParse(url, base)) return undefined;
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  return new Request(new URL(url, base), { headers: entries });
}

async function refuse(socket: Duplex, answer: Response): Promise<void> {
  const body = Buffer.from(await answer.arrayBuffer());
  const lines = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ""}`,
    ...Array.from(answer.headers, ([name, value]) => `${name}: ${value}`),
    `content-length: ${body.byteLength}`,
    "connection: close",
  ];
  socket.end(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), body]));
}

/** Has the server read the request again, without what it asked to upgrade to. */
function passOn(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2);
    if (!["upgrade", "connection", "http2-settings"].includes(name.toLowerCase())) {
      lines.push(`${name}: ${value}`);
    }
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  server.emit("connection", socket);
}
