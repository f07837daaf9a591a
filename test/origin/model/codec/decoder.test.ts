import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../../origin/model/checkpoint/checkpoint.ts";
import type { CodecDecoderConfig } from "../../../../origin/model/checkpoint/codec-config.ts";
import {
  type CodecStream,
  openCodecStream,
  stateAfter,
} from "../../../../origin/model/codec/codec-stream.ts";
import { convolutionReach } from "../../../../origin/model/codec/convolution-reach.ts";
import {
  buildCodecDecoder,
  type DecoderOptions,
} from "../../../../origin/model/codec/decoder-graph.ts";
import { createDataFile } from "../../../../origin/model/onnx/data-file.ts";
import { createModel } from "../../../../origin/model/onnx/model.ts";
import { openSession, type Session } from "../../../../origin/model/session.ts";
import { nano, pico, presetVoiceCases } from "../../../support/golden-cases.ts";

const samplesPerFrame = 1920;

interface Decoder {
  session: Session;
  config: CodecDecoderConfig;
}

/** Builds the codec of a checkpoint and loads it. */
async function openDecoder(
  checkpointFolder: string,
  options: DecoderOptions = {},
): Promise<Decoder> {
  const folder = mkdtempSync(join(tmpdir(), "codec-test-"));
  const checkpoint = openCheckpoint(checkpointFolder);
  const config = checkpoint.codec.decoder_config;
  const dataFile = createDataFile(join(folder, "codec.data"));
  const model = createModel(dataFile);
  buildCodecDecoder(model, checkpoint.codecTensors, config, options);
  model.write(join(folder, "codec.onnx"));
  dataFile.close();
  checkpoint.close();
  const session = await openSession(join(folder, "codec.onnx"), { threads: 1 });
  rmSync(folder, { recursive: true });
  return { session, config };
}

function flat(frames: readonly number[][]): BigInt64Array {
  return BigInt64Array.from(frames.flat(), BigInt);
}

/** Feeds frames in chunks of these sizes, again and again until there are none left. */
async function pushAll(
  stream: CodecStream,
  frames: number[][],
  sizes: number[],
): Promise<number[]> {
  const samples: number[] = [];
  let next = 0;
  for (let turn = 0; next < frames.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    samples.push(...(await stream.push(flat(frames.slice(next, next + size)))));
    next += size;
  }
  return samples;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} samples against ${b.length}`);
  let largest = 0;
  for (let index = 0; index < a.length; index++) {
    largest = Math.max(largest, Math.abs((a[index] ?? Number.NaN) - (b[index] ?? Number.NaN)));
  }
  return largest;
}

function floatsOf(path: string): Float32Array {
  return new Float32Array(Uint8Array.from(readFileSync(path)).buffer);
}

describe.each([pico, nano])("the decoder of $name", (set) => {
  let decoder: Decoder | undefined;
  beforeAll(async () => {
    if (set.present) {
      decoder = await openDecoder(`${set.directory}/checkpoints/${set.name}-0.6b-custom-voice`);
    }
  });
  afterAll(() => decoder?.session.close());

  test.for([
    ["one call", [57]],
    ["single frames", [1]],
    ["chunks of 2", [2]],
    ["chunks of 3", [3]],
    ["chunks of 7", [7]],
    ["mixed chunks", [1, 2, 8, 3, 16, 5]],
  ] as const)("gives the official waveform in %s", async ([, sizes], context) => {
    if (!decoder) return context.skip(`the ${set.name} checkpoints are not on this machine`);
    const frames = JSON.parse(readFileSync(`${set.directory}/codec/codes.json`, "utf8"));
    const official = floatsOf(`${set.directory}/codec/wav.f32`);

    const stream = openCodecStream(decoder.session, decoder.config);
    const samples = await pushAll(stream, frames, [...sizes]);

    expect(samples).toHaveLength(57 * samplesPerFrame);
    expect(largestDifference(samples, official)).toBeLessThan(1e-4);
  });

  test("gives the official waveform of every utterance with a preset voice", async (context) => {
    if (!decoder) return context.skip(`the ${set.name} checkpoints are not on this machine`);
    const cases = presetVoiceCases(set);
    for (const { codes, floats } of cases) {
      const stream = openCodecStream(decoder.session, decoder.config);
      const samples = await pushAll(stream, codes, [1, 4, 8]);
      expect(largestDifference(samples, floats("wav.f32"))).toBeLessThan(1e-4);
    }
    expect(cases).toHaveLength(8);
  });
});

describe("a decoder", () => {
  let decoder: Decoder;
  beforeAll(async () => {
    decoder = await openDecoder(`${pico.directory}/checkpoints/pico-0.6b-custom-voice`);
  });
  afterAll(() => decoder.session.close());

  const frames: number[][] = JSON.parse(readFileSync(`${pico.directory}/codec/codes.json`, "utf8"));

  test("sounds the same however long the stream has been", async () => {
    const stream = openCodecStream(decoder.session, decoder.config);
    // Longer than anything reaches back, so that every cycle but the first begins from one and the same past.
    const cycle = flat(frames);
    await stream.push(cycle);
    const second = await stream.push(cycle);
    for (let turn = 0; turn < 20; turn++) await stream.push(cycle);

    expect(await stream.push(cycle)).toEqual(second);
  });

  test("leaves samples before a frame untouched by it", async () => {
    const changed = frames.with(30, frames[0] ?? []);
    const [original, other] = await Promise.all(
      [frames, changed].map((codes) =>
        openCodecStream(decoder.session, decoder.config).push(flat(codes)),
      ),
    );

    const before = 30 * samplesPerFrame;
    expect(other?.subarray(0, before)).toEqual(original?.subarray(0, before));
    expect(other?.subarray(before)).not.toEqual(original?.subarray(before));
  });

  test("decodes streams of different age in one batch as it decodes them alone", async () => {
    const young = openCodecStream(decoder.session, decoder.config);
    const old = openCodecStream(decoder.session, decoder.config);
    const [youngCodes, oldCodes] = [frames.slice(0, 3), frames.slice(40, 43)];
    const expected = [await young.push(flat(youngCodes))];

    const oldPast = await decoder.session.run(freshInputs(decoder, frames.slice(0, 40)));
    await old.push(flat(frames.slice(0, 40)));
    expected.push(await old.push(flat(oldCodes)));

    const fresh = freshInputs(decoder, youngCodes);
    const batch: Record<string, Tensor> = {
      codes: new Tensor("int64", flat([...youngCodes, ...oldCodes]), [2, 3, 16]),
    };
    for (const [name, tensor] of Object.entries(fresh)) {
      const next = oldPast[name.replace("state.", "next.")];
      if (next) batch[name] = stack(tensor, next);
    }
    const { wave } = await decoder.session.run(batch);

    expect(wave?.dims).toEqual([2, 3 * samplesPerFrame]);
    const together = expected.flatMap((samples) => [...samples]);
    expect(largestDifference(wave?.data as Float32Array, together)).toBeLessThan(2e-5);
  });

  test("refuses an end token, a cut frame and no frames", async () => {
    const stream = openCodecStream(decoder.session, decoder.config);
    const [first = [], second = []] = frames;

    await expect(stream.push(flat([first, second.with(2, 64)]))).rejects.toThrow(
      "code 64 of codebook 2 in frame 1 is not in 0..63",
    );
    await expect(stream.push(flat([first.slice(1)]))).rejects.toThrow(
      "15 codes are not whole frames",
    );
    await expect(stream.push(flat([]))).rejects.toThrow("0 codes are not whole frames of 16");
  });
});

/** Inputs of a stream at its beginning. */
function freshInputs({ session }: Decoder, codes: number[][]): Record<string, Tensor> {
  const inputs: Record<string, Tensor> = {
    codes: new Tensor("int64", flat(codes), [1, codes.length, 16]),
  };
  for (const { name, type, shape } of session.inputs) {
    if (name === "codes") continue;
    const sizes = [1, ...shape.slice(1).map(Number)];
    const length = sizes.reduce((product, size) => product * size, 1);
    inputs[name] =
      type === "int64"
        ? new Tensor("int64", new BigInt64Array(length), sizes)
        : new Tensor("float32", new Float32Array(length), sizes);
  }
  return inputs;
}

function stack(a: Tensor, b: Tensor): Tensor {
  const dims = [2, ...a.dims.slice(1)];
  if (a.data instanceof BigInt64Array && b.data instanceof BigInt64Array) {
    return new Tensor("int64", BigInt64Array.of(...a.data, ...b.data), dims);
  }
  if (a.data instanceof Float32Array && b.data instanceof Float32Array) {
    return new Tensor("float32", Float32Array.of(...a.data, ...b.data), dims);
  }
  throw new Error(`states of ${a.type} and ${b.type} cannot be stacked`);
}

describe("a decoder that skips frames", () => {
  let decoder: Decoder;
  beforeAll(async () => {
    decoder = await openDecoder(`${pico.directory}/checkpoints/pico-0.6b-base`, {
      skipsFrames: true,
    });
  });
  afterAll(() => decoder.session.close());

  const frames: number[][] = JSON.parse(readFileSync(`${pico.directory}/codec/codes.json`, "utf8"));

  test.each([1, 9, 10, 11, 12, 40])(
    "goes on after %i of them as if it had decoded them",
    async (before) => {
      const { session, config } = decoder;
      const whole = await openCodecStream(session, config).push(flat(frames));

      const state = await stateAfter(session, config, flat(frames.slice(0, before)));
      const rest = flat(frames.slice(before));
      const samples = await openCodecStream(session, config, state).push(rest);

      const expected = whole.subarray(before * samplesPerFrame);
      expect(largestDifference(samples, expected)).toBeLessThan(1e-4);
      // Any number of streams go on from there.
      expect(await openCodecStream(session, config, state).push(rest)).toEqual(samples);
    },
  );

  test("decodes no more of them than its convolutions reach", async () => {
    const { session, config } = decoder;
    const made: number[] = [];
    const heard: typeof session = {
      ...session,
      async run(inputs) {
        const outputs = await session.run(inputs);
        made.push((outputs.wave?.dims[1] ?? 0) / samplesPerFrame);
        return outputs;
      },
    };

    await stateAfter(heard, config, flat(frames.slice(0, 40)));
    await stateAfter(heard, config, flat(frames.slice(0, 3)));

    expect(convolutionReach(config)).toBe(10);
    expect(made).toEqual([10, 3]);
  });

  test("needs them: with half as many the sound is another", async () => {
    const { session, config } = decoder;
    const whole = await openCodecStream(session, config).push(flat(frames));
    const shorter: typeof session = {
      ...session,
      run: ({ skipped_frames: skipped, ...inputs }) => {
        const [count = 0n] = (skipped?.data ?? []) as BigInt64Array;
        const more = new Tensor("int64", BigInt64Array.of(count + 5n));
        return session.run({ ...inputs, skipped_frames: more });
      },
    };

    const state = await stateAfter(shorter, config, flat(frames.slice(0, 40)));
    const samples = await openCodecStream(session, config, state).push(flat(frames.slice(40)));

    expect(largestDifference(samples, whole.subarray(40 * samplesPerFrame))).toBeGreaterThan(1e-3);
  });
});
