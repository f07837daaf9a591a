import { describe, expect, test } from "vitest";
import { readBatch } from "../../../shared/batch/batch-request.ts";
import { isSpeakable } from "../../../shared/batch/speak-batch.ts";
import { plainCatalogue } from "../../../shared/catalogue.ts";

const read = (body: unknown) => readBatch(body, plainCatalogue);
const hello = { input: "Hello!" };

test.each([
  [[], null, "the body must be a JSON object; got an array of 0"],
  [{}, "items", "items is required"],
  [{ items: "hello" }, "items", 'items must be an array; got "hello"'],
  [{ items: [] }, "items", "items must have 1 to 128 entries; it has 0"],
  [
    { items: Array.from({ length: 129 }, () => hello) },
    "items",
    "items must have 1 to 128 entries; it has 129",
  ],
  [
    { items: [hello], defaults: [1] },
    "defaults",
    "defaults must be a JSON object; got an array of 1",
  ],
  [{ items: [hello], output: "tar" }, "output", 'output must be jsonl or zip; got "tar"'],
])("%j is no batch: %s", (body, param, message) => {
  expect(() => read(body)).toThrow(expect.objectContaining({ status: 400, param, message }));
});

function firstItem(body: unknown) {
  const [item] = read(body).items;
  if (!item) throw new Error("there is no item");
  return item;
}

function firstRequest(body: unknown) {
  const item = firstItem(body);
  if (!isSpeakable(item)) throw item.problem;
  return item.request;
}

describe("defaults", () => {
  test("hold for what an item leaves out, and go before fields beside the items", () => {
    const request = firstRequest({
      items: [{ ...hello, voice: "nova", speed: null, response_format: "" }],
      defaults: { voice: "echo", speed: 2 },
      voice: "fable",
      speed: 3,
      response_format: "wav",
    });
    expect(request).toMatchObject({ voiceId: "nova", speed: 2, format: "wav" });
  });

  test("of a language hold for no item that names its own by the other field", () => {
    const items = [{ ...hello, lang_code: "fr" }];
    expect(firstRequest({ items, defaults: { language: "German" } }).language).toBe("french");
    expect(firstRequest({ items: [hello], language: "German" }).language).toBe("german");
  });
});

test("fields about how one file is sent have no effect, which is said", () => {
  const items = [{ ...hello, stream_format: "sse", stream: false, mood: 1 }];
  expect(firstRequest({ items })).toMatchObject({
    streamFormat: "audio",
    stream: true,
    ignoredFields: ["mood", "stream", "stream_format"],
  });
});

test.each([
  ["hello", "items", /^items\[0\] must be a JSON object; got "hello"$/],
  [{ custom_id: 7, ...hello }, "custom_id", /^custom_id must be a string of at most 128/],
  [{ custom_id: "a".repeat(129), ...hello }, "custom_id", /; got a string of 129 characters$/],
  [{ custom_id: "\ud800", ...hello }, "custom_id", /half of a surrogate pair/],
  [{ custom_id: "a" }, "input", /^input is required$/],
  [{ ...hello, voice: "nobody" }, "voice", /^voice must be one of/],
])("an item %j is refused by itself", (item, param, message) => {
  const read = firstItem({ items: [item, hello] });
  if (isSpeakable(read)) throw new Error("it was not refused");
  expect(read.problem).toMatchObject({
    status: 400,
    param,
    message: expect.stringMatching(message),
  });
});
