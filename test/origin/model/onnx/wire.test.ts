import { expect, test } from "vitest";
import { createMessage } from "../../../../origin/model/onnx/wire.ts";

const hex = (message: ReturnType<typeof createMessage>) =>
  Buffer.concat(message.parts).toString("hex");

test("integers are varints, negative ones in ten bytes", () => {
  expect(hex(createMessage().integer(1, 150))).toBe("089601");
  expect(hex(createMessage().integer(1, -1))).toBe("08ffffffffffffffffff01");
  expect(hex(createMessage().integer(20, 2n ** 53n))).toBe("a0018080808080808010");
});

test("floats are four little-endian bytes", () => {
  expect(hex(createMessage().float(2, 1))).toBe("150000803f");
});

test("text and nested messages carry their length in bytes", () => {
  const inner = createMessage().text(2, "é");
  expect(hex(createMessage().message(3, inner).bytes(4, Uint8Array.of(7)))).toBe(
    "1a041202c3a9220107",
  );
});
