import fc from "fast-check";
import { expect, it } from "vitest";
import { toBase64 } from "../../shared/base64.ts";
import { countCodePoints, findTextProblem } from "../../shared/text-rules.ts";
import { patchWavSizes, wavHeader, wavHeaderBytes } from "../../shared/wav-header.ts";
import { runs } from "../support/fuzz.ts";

/** Strings of any UTF-16 units, halves of surrogate pairs among them. */
const anyString = fc
  .array(fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd800, max: 0xdfff })))
  .map((units) => String.fromCharCode(...units));

it("counts code points as JavaScript's own iterator does", () => {
  fc.assert(
    fc.property(anyString, (text) => {
      expect(countCodePoints(text)).toBe([...text].length);
    }),
    runs(2000),
  );
});

it("takes for well-formed what JavaScript does", () => {
  fc.assert(
    fc.property(anyString, (text) => {
      const problem = findTextProblem(text, { required: false });
      expect(problem?.code === "invalid_unicode").toBe(/\p{Surrogate}/u.test(text));
    }),
    runs(2000),
  );
});

it("writes base64 that Node reads back and writes the same", () => {
  fc.assert(
    fc.property(fc.uint8Array({ size: "large", maxLength: 100_000 }), (bytes) => {
      const text = toBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64"));
      expect(Buffer.from(text, "base64").equals(bytes)).toBe(true);
    }),
    runs(100),
  );
});

it("writes nothing but the two sizes into a WAV file", () => {
  const fileBytes = fc.integer({ min: wavHeaderBytes, max: 0xffff_ffff });
  fc.assert(
    fc.property(fc.uint8Array(), fileBytes, fc.nat(64), (samples, length, offset) => {
      const buffer = Buffer.alloc(offset + wavHeaderBytes + samples.length + 9, 0x5a);
      const expected = Buffer.from(buffer);
      for (const target of [buffer, expected]) {
        target.set(wavHeader(24_000), offset);
        target.set(samples, offset + wavHeaderBytes);
      }
      expected.writeUInt32LE(length - 8, offset + 4);
      expected.writeUInt32LE(length - 44, offset + 40);

      patchWavSizes(buffer.subarray(offset, -9), length);

      expect(buffer.equals(expected)).toBe(true);
    }),
    runs(300),
  );
});
