import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Model } from "../../shared/answers.ts";

/** What the origin does with a speech request it has read. */
export type Behaviour = (answer: ServerResponse) => void | Promise<void>;

/** A speech request as it arrived. */
export interface Order {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
  /** Resolves when its connection is done with: true when the whole answer had been handed over. */
  over: Promise<boolean>;
}

export interface FramesOrigin {
  url: string;
  orders: Order[];
  /** The `User-Agent` of each request so far, by the path it was for. */
  userAgents: Map<string, string | undefined>;
  /** Sets what happens to the speech requests from now on. */
  behave(behaviour: Behaviour): void;
  /** Sets the list of models, null for no answer. */
  models(list: readonly Model[] | null): void;
  /** Sets the status of `/ready`, null for no answer. */
  readiness(status: number | null): void;
  close(): Promise<void>;
}

/**
 * An origin that speaks the frame protocol on a real socket and breaks it when told to: what the real origin never does
 * on purpose.
 */
export async function startFramesOrigin(): Promise<FramesOrigin> {
  const orders: Order[] = [];
  const userAgents = new Map<string, string | undefined>();
  let behave: Behaviour = (answer) => void answer.writeHead(501).end();
  let readiness: number | null = 200;
  let models: readonly Model[] | null = null;

  const server = createServer({ noDelay: true }, async (request, answer) => {
    userAgents.set(request.url ?? "", request.headers["user-agent"]);
    if (request.url === "/ready") {
      if (readiness !== null) answer.writeHead(readiness).end("{}");
      return;
    }
    if (request.url === "/v1/models") {
      if (models) answer.end(JSON.stringify({ object: "list", data: models, models }));
      return;
    }
    const over = once(answer, "close").then(() => answer.writableFinished);
    const chunks: Buffer[] = await request.toArray();
    const { method, url: path, headers } = request;
    orders.push({ method, path, headers, body: Buffer.concat(chunks).toString(), over });
    await behave(answer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    orders,
    userAgents,
    behave(behaviour) {
      behave = behaviour;
    },
    models(list) {
      models = list;
    },
    readiness(status) {
      readiness = status;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
