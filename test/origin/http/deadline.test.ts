import { expect, it } from "vitest";
import type { Origin } from "../../../origin/http/server.ts";
import { postSpeech } from "../../support/speech.ts";
import { startTestOrigin } from "../../support/system.ts";

/** Runs with an origin whose engine speaks at so many times real time, as fast as it can by default. */
async function withOrigin(
  { pace, ...environment }: { pace?: string } & Record<string, string>,
  run: (origin: Origin) => Promise<void>,
): Promise<void> {
  if (pace) process.env.BUILTIN_PACE = pace;
  const origin = await startTestOrigin(environment).finally(() => delete process.env.BUILTIN_PACE);
  await run(origin).finally(() => origin.close());
}

const within = (milliseconds: string) => ({ headers: { "x-deadline-ms": milliseconds } });

/** Needs so much speech for its first packet that an engine's first chunk is not enough. */
const muchForOnePacket = { speed: 4, sample_rate: 8000, response_format: "mp3" };

async function activeStreams(origin: Origin): Promise<number> {
  const health = (await (await fetch(`${origin.url}/health`)).json()) as { active_streams: number };
  return health.active_streams;
}

it("stops work whose first audio does not come in time, and frees its place", async () => {
  await withOrigin({ pace: "0.01", MAX_STREAMS: "1" }, async (origin) => {
    const answer = await postSpeech(origin.url, muchForOnePacket, within("800"));

    expect(origin.engines.builtin?.counters.utterances).toBe(1);
    expect(answer.status).toBe(504);
    expect(await answer.json()).toMatchObject({
      error: {
        message: "There was no audio within the 0.8 seconds this request had.",
        type: "server_error",
        code: "deadline_exceeded",
      },
    });
    await expect.poll(() => activeStreams(origin)).toBe(0);
    const next = await postSpeech(origin.url, muchForOnePacket, {
      ...within("50"),
      path: "/v1/audio/speech/base64",
    });
    expect(next.status).toBe(504);
  });
});

it("lets an answer that has begun take as long as it takes", async () => {
  await withOrigin({ pace: "1" }, async (origin) => {
    const input = "This goes on and on for longer than it had. ".repeat(30);
    const fields = { input, response_format: "pcm" };
    // On a busy machine even the beginning may be late.
    let deadlineMs = 750;
    let startedAt: number;
    let answer: Response;
    do {
      deadlineMs *= 2;
      startedAt = performance.now();
      answer = await postSpeech(origin.url, fields, within(String(deadlineMs)));
    } while (answer.status === 504 && deadlineMs < 20_000);
    expect(answer.status).toBe(200);
    const reader = answer.body?.getReader();
    while (performance.now() - startedAt < deadlineMs + 500) {
      expect(await reader?.read()).toMatchObject({ done: false });
    }
    await reader?.cancel();
  });
});

it("takes no deadline from somebody who needs no token, where anybody can connect", async () => {
  await withOrigin({ ORIGIN_HOST: "0.0.0.0", ORIGIN_OPEN: "1" }, async (origin) => {
    expect((await postSpeech(origin.url, {}, within("0"))).status).toBe(200);
  });
});

it("takes a deadline from the bearer of a token, unless it is malformed", async () => {
  await withOrigin({ ORIGIN_HOST: "0.0.0.0", ORIGIN_TOKEN: "token" }, async (origin) => {
    const ask = async (deadline: string) => {
      const headers = { ...within(deadline).headers, authorization: "Bearer token" };
      return (await postSpeech(origin.url, {}, { headers })).status;
    };
    expect(await ask("0")).toBe(504);
    for (const text of ["", "soon", "-1", "1.5", "1e9", "9999999999"]) {
      expect(await ask(text), text).toBe(200);
    }
  });
});
