import { expect, test } from "vitest";
import {
  type ByteRange,
  isPart,
  readByteRange,
  sliceStream,
} from "../../../shared/http/byte-range.ts";

const all = { first: 0, last: 99 };

const cases: [string | undefined, ReturnType<typeof readByteRange>][] = [
  [undefined, undefined],
  ["bytes=0-9", { first: 0, last: 9 }],
  ["Bytes= 5 - 5 ", { first: 5, last: 5 }],
  ["bytes=90-", { first: 90, last: 99 }],
  ["bytes=90-500", { first: 90, last: 99 }],
  ["bytes=0-", all],
  ["bytes=-5", { first: 95, last: 99 }],
  ["bytes=-500", all],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=100-", "unsatisfiable"],
  ["bytes=100-200", "unsatisfiable"],
  ["bytes=9-0", undefined],
  ["bytes=-", undefined],
  ["bytes=", undefined],
  ["bytes=a-b", undefined],
  ["bytes=0-9,20-29", undefined],
  ["seconds=0-9", undefined],
];

test.each(cases)("of 100 bytes, %s is %j", (header, range) => {
  expect(readByteRange(header, 100)).toEqual(range);
});

function parts(...texts: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(Buffer.from(text));
      controller.close();
    },
  });
}

test("any slice of any parts is what a slice of the whole is", async () => {
  const whole = "abcdefghij";
  for (let first = 0; first < whole.length; first++) {
    for (let last = first; last < whole.length; last++) {
      const range: ByteRange = { first, last };
      const slice = sliceStream(parts("abc", "", "de", "fghij"), range);
      expect(await new Response(slice).text()).toBe(whole.slice(first, last + 1));
    }
  }
});

test("a slice of a file that ends before it fails", async () => {
  const slice = sliceStream(parts("abc"), { first: 1, last: 5 });
  await expect(new Response(slice).text()).rejects.toThrow("the file ends after 3 bytes");
});

test.each([
  [undefined, false],
  ["bytes=0-", false],
  ["bytes= 00 - ", false],
  ["bytes=0-1", true],
  ["bytes=1-", true],
  ["bytes=-5", true],
] as const)("%s asks for a part of what is not yet known to end: %s", (header, part) => {
  expect(isPart(header)).toBe(part);
});
