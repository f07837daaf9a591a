const bytesPerSample = 2;

/** The samples of 16-bit mono PCM that arrives in pieces of any length. */
export class Samples {
  readonly sampleRate: number;
  #values = new Float32Array(1 << 16);
  #length = 0;
  /** Half a sample that the last piece ended with. */
  #rest: number | undefined;

  constructor(sampleRate: number) {
    this.sampleRate = sampleRate;
  }

  get length(): number {
    return this.#length;
  }

  get seconds(): number {
    return this.#length / this.sampleRate;
  }

  append(bytes: Uint8Array): void {
    const whole = this.#rest === undefined ? bytes : joined(this.#rest, bytes);
    const count = Math.floor(whole.length / bytesPerSample);
    this.#rest = whole.length % bytesPerSample ? whole.at(-1) : undefined;
    this.#makeRoom(count);
    const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
    for (let i = 0; i < count; i++) {
      this.#values[this.#length++] = view.getInt16(i * bytesPerSample, true) / 32768;
    }
  }

  slice(from: number): Float32Array<ArrayBuffer> {
    return this.#values.slice(from, this.#length);
  }

  #makeRoom(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#values.length) return;
    const values = new Float32Array(Math.max(needed, 2 * this.#values.length));
    values.set(this.#values);
    this.#values = values;
  }
}

function joined(first: number, others: Uint8Array): Uint8Array {
  const all = new Uint8Array(1 + others.length);
  all[0] = first;
  all.set(others, 1);
  return all;
}
