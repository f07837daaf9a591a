const varintWireType = 0;
const lengthDelimitedWireType = 2;
const fixed32WireType = 5;

/** A protobuf message being written (protobuf.dev/programming-guides/encoding). Fields keep the order of the calls. */
export interface WireMessage {
  integer(field: number, value: number | bigint): WireMessage;
  float(field: number, value: number): WireMessage;
  bytes(field: number, value: Uint8Array): WireMessage;
  text(field: number, value: string): WireMessage;
  message(field: number, value: WireMessage): WireMessage;
  readonly byteLength: number;
  readonly parts: readonly Uint8Array[];
}

export function createMessage(): WireMessage {
  const parts: Uint8Array[] = [];
  let byteLength = 0;

  function append(part: Uint8Array): void {
    parts.push(part);
    byteLength += part.byteLength;
  }

  function tag(field: number, wireType: number): void {
    append(varint((field << 3) | wireType));
  }

  const self: WireMessage = {
    integer(field, value) {
      tag(field, varintWireType);
      append(varint(value));
      return self;
    },
    float(field, value) {
      tag(field, fixed32WireType);
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setFloat32(0, value, true);
      append(bytes);
      return self;
    },
    bytes(field, value) {
      tag(field, lengthDelimitedWireType);
      append(varint(value.byteLength));
      append(value);
      return self;
    },
    text(field, value) {
      return self.bytes(field, Buffer.from(value));
    },
    message(field, value) {
      tag(field, lengthDelimitedWireType);
      append(varint(value.byteLength));
      for (const part of value.parts) append(part);
      return self;
    },
    get byteLength() {
      return byteLength;
    },
    parts,
  };
  return self;
}

/** Negative numbers take ten bytes: protobuf's int64 is two's complement. */
function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
