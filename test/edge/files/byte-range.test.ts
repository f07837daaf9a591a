import { expect, test } from "vitest";
import { type ByteRange, readByteRange, sliceBytes } from "../../../edge/files/byte-range.ts";

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

async function* parts() {
  for (const text of ["abc", "", "de", "fghij"]) yield Buffer.from(text);
}

test("any slice of any parts is what a slice of the whole is", async () => {
  const whole = "abcdefghij";
  for (let first = 0; first < whole.length; first++) {
    for (let last = first; last < whole.length; last++) {
      const range: ByteRange = { first, last };
      const slices: Uint8Array[] = [];
      for await (const slice of sliceBytes(parts(), range)) slices.push(slice);
      expect(Buffer.concat(slices).toString()).toBe(whole.slice(first, last + 1));
    }
  }
});
