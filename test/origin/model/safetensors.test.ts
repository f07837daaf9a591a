import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSafetensors } from "../../../origin/model/safetensors.ts";
import { temporaryFolder } from "./built-model.ts";

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: number[];
}

function fileOf(header: Record<string, unknown> | string, data: Uint8Array): string {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const path = join(temporaryFolder(), "test.safetensors");
  writeFileSync(path, Buffer.concat([length, json, data]));
  return path;
}

function open(header: Record<string, Entry | object> | string, data: Uint8Array) {
  const file = openSafetensors(fileOf(header, data));
  onTestFinished(() => file.close());
  return file;
}

test("reads float32, bfloat16 and float16 exactly", () => {
  const halves = [0x3f80, 0xc049, 0x7f80, 0x0001, 0x3c00, 0xc248, 0x0001, 0x7c00, 0x03ff, 0x8000];
  const data = Buffer.concat([
    new Uint8Array(Float32Array.of(1.5, -0.1).buffer),
    new Uint8Array(Uint16Array.from(halves).buffer),
  ]);
  const file = open(
    {
      __metadata__: { format: "pt" },
      full: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
      brain: { dtype: "BF16", shape: [2, 2], data_offsets: [8, 16] },
      half: { dtype: "F16", shape: [6], data_offsets: [16, 28] },
    },
    data,
  );

  expect([...file.tensors.keys()]).toEqual(["full", "brain", "half"]);
  expect(file.tensors.get("brain")?.shape).toEqual([2, 2]);
  expect([...file.read("full")]).toEqual([1.5, Math.fround(-0.1)]);
  expect([...file.read("brain")]).toEqual([1, -3.140625, Number.POSITIVE_INFINITY, 2 ** -133]);
  const half = [1, -3.140625, 2 ** -24, Number.POSITIVE_INFINITY, 1023 * 2 ** -24, -0];
  expect([...file.read("half")]).toEqual(half);
});

test("reads ranges of rows", () => {
  const values = Float32Array.from({ length: 12 }, (_, index) => index);
  const file = open(
    { table: { dtype: "F32", shape: [4, 3], data_offsets: [0, 48] } },
    new Uint8Array(values.buffer),
  );

  expect([...file.readRows("table", 1, 2)]).toEqual([3, 4, 5, 6, 7, 8]);
  expect([...file.readRows("table", 4, 0)]).toEqual([]);
  expect(() => file.readRows("table", 3, 2)).toThrow("table has 4 rows, not 3 to 5");
  expect(() => file.read("absent")).toThrow(/test\.safetensors: there is no tensor absent/);
});

const two = { dtype: "F32", shape: [2], data_offsets: [0, 8] };

test.each([
  ["is shorter than its tensors", { a: two }, 4, /the tensors take 8 bytes, the file holds 4/],
  ["has bytes of no tensor", { a: two }, 12, /the tensors take 8 bytes, the file holds 12/],
  [
    "has overlapping tensors",
    { a: two, b: { ...two, data_offsets: [4, 12] } },
    12,
    /tensor b.*overlaps/,
  ],
  ["has a gap", { a: two, b: { ...two, data_offsets: [12, 20] } }, 20, /tensor b.*gap/],
  [
    "has a span of the wrong size",
    { a: { ...two, shape: [3] } },
    8,
    /F32\[3\] takes 12 bytes, its span has 8/,
  ],
  ["has an unknown type", { a: { ...two, dtype: "F8_E4M3" } }, 8, /tensor a: .*dtype/s],
  ["has a negative size", { a: { ...two, shape: [-2] } }, 8, /tensor a: .*shape/s],
  ["has a header of another kind", "[1]", 0, /the header is not a JSON object/],
  ["has no JSON header", "{", 0, /the header is not JSON/],
])("refuses a file that %s", (_, header, dataBytes, message) => {
  expect(() => open(header, new Uint8Array(dataBytes))).toThrow(message);
});

test("refuses a file that ends inside its header", () => {
  const path = join(temporaryFolder(), "cut.safetensors");
  writeFileSync(path, Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0, 123));
  expect(() => openSafetensors(path)).toThrow(
    /cut.safetensors: a header of 200 bytes does not fit in 9/,
  );
});
