import { makeZip } from "client-zip";
import { toBase64 } from "../base64.ts";
import { closable } from "../closable.ts";
import { renderAudio } from "../render/audio.ts";
import type { BatchRequest } from "./batch-request.ts";
import { createEntryNames } from "./entry-names.ts";
import {
  type FailedFacts,
  factsOf,
  failedFacts,
  type SpokenFacts,
  spokenFacts,
} from "./item-facts.ts";
import { type ItemResult, isFailed } from "./speak-batch.ts";

export const batchHeaders: Record<BatchRequest["output"], Record<string, string>> = {
  jsonl: { "content-type": "application/jsonl; charset=utf-8" },
  zip: {
    "content-type": "application/zip",
    "content-disposition": 'attachment; filename="speech.zip"',
  },
};

/** Renders the results of a batch as they come. They are returned when it ends or is returned. */
export function renderBatch(
  results: AsyncGenerator<ItemResult, void>,
  output: BatchRequest["output"],
): AsyncGenerator<Uint8Array, void> {
  const parts = output === "zip" ? zipOf(results) : linesOf(results);
  return closable(parts, () => results.return());
}

/** One line of JSON for each, with the audio as its last field. */
async function* linesOf(
  results: AsyncGenerator<ItemResult, void>,
): AsyncGenerator<Uint8Array, void> {
  for await (const result of results) {
    const facts = JSON.stringify(factsOf(result));
    if (isFailed(result)) {
      yield encode(`${facts}\n`);
      continue;
    }
    yield encode(`${facts.slice(0, -1)},"audio":"`);
    // What was held comes in steps of which none but the last would end in padding.
    for await (const step of renderAudio(result.speech)) yield encode(toBase64(step));
    yield encode('"}\n');
  }
}

/**
 * A ZIP with the files as they are, since audio does not get smaller, an `….error.json` for each that failed, and at its
 * end `manifest.json`, in the order of the items.
 */
async function* zipOf(results: AsyncGenerator<ItemResult, void>): AsyncGenerator<Uint8Array, void> {
  const reader = makeZip(entriesOf(results)).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      yield part.value;
    }
  } finally {
    // Not waited for: it may be in the midst of an entry.
    reader.cancel().catch(() => undefined);
  }
}

async function* entriesOf(results: AsyncGenerator<ItemResult, void>) {
  const names = createEntryNames();
  const lastModified = new Date();
  const manifest: ((SpokenFacts | FailedFacts) & { name: string })[] = [];
  for await (const result of results) {
    const { item } = result;
    if (isFailed(result)) {
      const facts = failedFacts(result);
      const name = names.next(item, "error.json");
      manifest.push({ ...facts, name });
      yield { name, lastModified, input: json(facts) };
    } else {
      const name = names.next(item, result.item.request.format);
      manifest.push({ ...spokenFacts(result), name });
      yield { name, lastModified, input: renderAudio(result.speech) };
    }
  }
  const items = manifest.toSorted((a, b) => a.index - b.index);
  yield { name: "manifest.json", lastModified, input: json({ items }) };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
