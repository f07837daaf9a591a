/** A protobuf message read without a schema: field numbers to values in order. Lengths-prefixed fields stay bytes. */
export type Fields = Map<number, (bigint | Uint8Array)[]>;

export function decodeProtobuf(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  let position = 0;

  function varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[position++];
      if (byte === undefined) throw new Error("the message ends inside a varint");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  function take(length: number): Uint8Array {
    if (position + length > bytes.length) throw new Error("the message ends inside a field");
    position += length;
    return Uint8Array.from(bytes.subarray(position - length, position));
  }

  while (position < bytes.length) {
    const tag = Number(varint());
    const wireType = tag & 7;
    if (wireType !== 0 && wireType !== 2 && wireType !== 5)
      throw new Error(`wire type ${wireType}`);
    const value = wireType === 0 ? varint() : take(wireType === 2 ? Number(varint()) : 4);
    const values = fields.get(tag >> 3) ?? [];
    fields.set(tag >> 3, [...values, value]);
  }
  return fields;
}

/** The messages of a repeated field. */
export function messages(fields: Fields, field: number): Fields[] {
  return (fields.get(field) ?? []).map((value) => {
    if (typeof value === "bigint") throw new Error(`field ${field} is a number`);
    return decodeProtobuf(value);
  });
}

export function texts(fields: Fields, field: number): string[] {
  return (fields.get(field) ?? []).map((value) => {
    if (typeof value === "bigint") throw new Error(`field ${field} is a number`);
    return new TextDecoder().decode(value);
  });
}
