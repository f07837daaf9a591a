import { Tensor } from "onnxruntime-node";
import type { CodecDecoderConfig } from "../checkpoint/codec-config.ts";
import type { Session, SessionInput, Tensors } from "../session.ts";
import { stateInput, stateOutput } from "./stream-state.ts";

/** One utterance on its way from codes to sound. */
export interface CodecStream {
  /**
   * Decodes the next frames, codes [T, codebooks] with T ≥ 1, to mono samples. One call at a time: each begins where
   * the one before it ended. Throws a RangeError on a code that no codebook has, such as an end token.
   */
  push(codes: BigInt64Array): Promise<Float32Array>;
}

/** Begins a stream on a session of the codec's decoder; a session serves any number of streams. */
export function openCodecStream(session: Session, config: CodecDecoderConfig): CodecStream {
  const { num_quantizers, codebook_size } = config;
  const prefix = stateInput("");
  const stateInputs = session.inputs.filter(({ name }) => name.startsWith(prefix));
  let state: Tensors = Object.fromEntries(stateInputs.map((input) => [input.name, zeros(input)]));

  return {
    async push(codes) {
      checkCodes(codes, num_quantizers, codebook_size);
      const outputs = await session.run({
        ...state,
        codes: new Tensor("int64", codes, [1, codes.length / num_quantizers, num_quantizers]),
      });
      const { wave } = outputs;
      if (!(wave?.data instanceof Float32Array)) throw new Error("the decoder gives no wave");
      state = Object.fromEntries(
        stateInputs.map(({ name }) => [
          name,
          outputOf(outputs, stateOutput(name.slice(prefix.length))),
        ]),
      );
      return wave.data;
    },
  };
}

function checkCodes(codes: BigInt64Array, codebooks: number, codebookSize: number): void {
  if (codes.length === 0 || codes.length % codebooks !== 0) {
    throw new RangeError(`${codes.length} codes are not whole frames of ${codebooks}`);
  }
  const wrong = codes.findIndex((code) => code < 0n || code >= codebookSize);
  if (wrong >= 0) {
    const place = `codebook ${wrong % codebooks} in frame ${Math.floor(wrong / codebooks)}`;
    throw new RangeError(`code ${codes[wrong]} of ${place} is not in 0..${codebookSize - 1}`);
  }
}

function outputOf(outputs: Tensors, name: string): Tensor {
  const output = outputs[name];
  if (!output) throw new Error(`the decoder gives no ${name}`);
  return output;
}

/** For one stream: the only symbolic dimension of a state is the batch. */
function zeros({ type, shape }: SessionInput): Tensor {
  const sizes = shape.map((size) => (typeof size === "number" ? size : 1));
  const length = sizes.reduce((product, size) => product * size, 1);
  if (type === "int64") return new Tensor(type, new BigInt64Array(length), sizes);
  if (type === "float32") return new Tensor(type, new Float32Array(length), sizes);
  throw new Error(`a state of ${type} is not known here`);
}
