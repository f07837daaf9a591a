import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Origin } from "../../origin/http/server.ts";
import { formatNames } from "../../shared/formats.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { startTestOrigin } from "../support/system.ts";

const listeners = 200;
const lanes = 8;
const deliveries = ["audio", "sse", "base64"] as const;
const directives = [undefined, undefined, "no-cache", "no-store"];

let origin: Origin;
let edge: Edge;

beforeAll(async () => {
  origin = await startTestOrigin({ ENGINE: "builtin" });
  edge = await startEdge({ ORIGIN_URLS: origin.url, AUDIO: "audio", FLIGHTS: true });
});

afterAll(async () => {
  await edge.close();
  await origin.close();
});

interface Wish {
  input: string;
  format: string;
  delivery: (typeof deliveries)[number];
  directive: string | undefined;
}

interface Leaving {
  milliseconds: number;
  isMidway: boolean;
  isPolite: boolean;
}

/** Is gone so many milliseconds after it has asked, or after the first byte, politely or not. Says how many came. */
async function listen(wish: Wish, leaving: Leaving): Promise<number> {
  const { input, format, delivery, directive } = wish;
  const path = delivery === "base64" ? "/v1/audio/speech/base64" : "/v1/audio/speech";
  const asked = request(edge.url + path, {
    method: "POST",
    agent: false,
    headers: {
      "content-type": "application/json",
      ...(directive ? { "cache-control": directive } : {}),
    },
  });
  let bytes = 0;
  asked.on("error", () => undefined);
  const begun = new Promise<void>((resolve) => {
    // Whatever ends the answer before its first byte ends the wait for it as well.
    asked.on("close", resolve);
    asked.on("response", (answer: IncomingMessage) => {
      answer.on("data", (part: Buffer) => {
        bytes += part.byteLength;
        resolve();
      });
      answer.on("error", () => undefined);
    });
  });
  const stream_format = delivery === "sse" ? "sse" : "audio";
  const body = { model: "tts-1", voice: "alloy", input, response_format: format, stream_format };
  asked.end(JSON.stringify(body));
  if (leaving.isMidway) await begun;
  await delay(leaving.milliseconds);
  if (leaving.isPolite) asked.destroy();
  else asked.socket?.resetAndDestroy();
  return bytes;
}

/** How long a look at the edge takes, in milliseconds. One that hangs never answers. */
async function look(): Promise<number> {
  const askedAt = performance.now();
  const asked = request(`${edge.url}/health`, { agent: false, timeout: 60_000 });
  asked.on("timeout", () => asked.destroy(new Error("the edge hangs")));
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.resume();
  await once(answer, "end");
  return performance.now() - askedAt;
}

async function activeStreams(): Promise<string | undefined> {
  const metrics = await (await fetch(`${origin.url}/metrics`)).text();
  return /^tts_active_streams (\d+)$/m.exec(metrics)?.[1];
}

test("two hundred listeners who leave at any moment, alone and in company, leave an edge that answers", async () => {
  const looksMs: number[] = [];
  let heard = 0;
  let next = 0;
  async function lane(): Promise<void> {
    while (next < listeners) {
      const i = next++;
      const delivery = deliveries[i % deliveries.length] ?? "audio";
      const wish: Wish = {
        // Base64 begins when all has been spoken.
        input: `Leave me in the middle of number ${i}. `.repeat(delivery === "base64" ? 3 : 30),
        format: formatNames[i % formatNames.length] ?? "mp3",
        delivery,
        directive: directives[i % directives.length],
      };
      const company = i % 4 === 0 ? 3 : 1;
      const bytes = await Promise.all(
        Array.from({ length: company }, () =>
          listen(wish, {
            milliseconds: Math.random() * 100,
            isMidway: Math.random() < 0.7,
            isPolite: Math.random() < 0.5,
          }),
        ),
      );
      if (bytes.some((count) => count > 0)) heard++;
      looksMs.push(await look());
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));

  expect(looksMs).toHaveLength(listeners);
  expect(looksMs.toSorted((a, b) => a - b)[listeners / 2]).toBeLessThan(1000);
  // It was about those who leave midway.
  expect(heard).toBeGreaterThan(listeners / 2);
  // Nobody speaks to them any more.
  await expect.poll(activeStreams).toBe("0");
}, 600_000);
