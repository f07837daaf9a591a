import { describe, expect, it } from "vitest";
import { ApiError } from "../../../shared/api-error.ts";
import { batchOutputs, readBatch } from "../../../shared/batch/batch-request.ts";
import { renderBatch } from "../../../shared/batch/render-batch.ts";
import { type BatchOptions, isFailed, speakBatch } from "../../../shared/batch/speak-batch.ts";
import { byteStream } from "../../../shared/byte-stream.ts";
import { plainCatalogue } from "../../../shared/catalogue.ts";
import type { SpeechFrame } from "../../../shared/frames/frame.ts";
import { createKeptBytes } from "../../../shared/kept-bytes.ts";
import { endOf } from "../../support/speech-end.ts";

const audio = new Uint8Array(700_000).fill(7);

async function* speech(): AsyncGenerator<SpeechFrame, void> {
  for (let at = 0; at < audio.byteLength; at += 100_000) {
    yield { kind: "audio", bytes: audio.slice(at, at + 100_000) };
  }
  yield { kind: "end", end: endOf(audio) };
}

const itemsOf = (count: number) => {
  const items = Array.from({ length: count }, (_, i) => ({ input: `Item ${i}.` }));
  return readBatch({ items, response_format: "pcm" }, plainCatalogue).items;
};

function optionsOf(fields: Partial<BatchOptions> = {}) {
  const stop = new AbortController();
  const kept = createKeptBytes(1e9);
  const options: BatchOptions = {
    speak: async () => ({ headers: {}, speech: speech() }),
    signal: stop.signal,
    maxAtOnce: 4,
    maxBytesAtOnce: 1e9,
    room: { maxBytes: 1e9, kept },
    ...fields,
  };
  return { stop, kept, options };
}

describe.each(batchOutputs)("a batch as %s", (output) => {
  it.each([0, 1, 2, 3, 5, 8, 13])(
    "keeps nothing of its items in memory once its reader has left after %i parts",
    async (parts) => {
      const { stop, kept, options } = optionsOf();
      const results = speakBatch(itemsOf(10), options);
      const reader = byteStream(renderBatch(results, output), stop).getReader();
      for (let i = 0; i < parts; i++) await reader.read();
      await reader.cancel(new Error("left"));
      await expect.poll(() => kept.total).toBe(0);
    },
  );

  it("keeps nothing of them once it was stopped while nobody read", async () => {
    const { stop, kept, options } = optionsOf();
    const results = speakBatch(itemsOf(10), options);
    const reader = byteStream(renderBatch(results, output), stop).getReader();
    await reader.read();
    await expect.poll(() => kept.total).toBeGreaterThan(2_000_000);
    stop.abort(new Error("stopped"));
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toThrow("stopped");
    await expect.poll(() => kept.total).toBe(0);
  });
});

it("items are tried again as often as they may be together, and others are not held up for it", async () => {
  let asked = 0;
  const { options } = optionsOf({
    maxAtOnce: 8,
    speak: async () => {
      asked++;
      throw new ApiError({
        status: 503,
        type: "service_unavailable_error",
        message: "busy",
        headers: { "retry-after": "0.001" },
      });
    },
  });
  const errors = [];
  for await (const result of speakBatch(itemsOf(100), options)) {
    if (isFailed(result)) errors.push(result.error.status);
  }
  expect(errors).toEqual(Array(100).fill(503));
  expect(asked).toBe(100 + 64);
});

it("as many items are in the making as find room together, and one always", async () => {
  let active = 0;
  let most = 0;
  const { options } = optionsOf({
    maxBytesAtOnce: 1,
    speak: async () => {
      most = Math.max(most, ++active);
      return { headers: {}, speech: speech() };
    },
  });
  for await (const result of speakBatch(itemsOf(5), options)) {
    active--;
    expect(isFailed(result)).toBe(false);
  }
  expect(most).toBe(1);
});
