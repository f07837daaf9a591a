import { Tensor } from "onnxruntime-node";
import type { CodecDecoderConfig } from "../checkpoint/codec-config.ts";
import type { Session, Tensors } from "../session.ts";
import { convolutionReach } from "./convolution-reach.ts";
import { skippedFrames } from "./decoder-graph.ts";
import { initialState, nextState, type SessionState } from "./session-state.ts";

/** One utterance on its way from codes to sound. */
export interface CodecStream {
  /**
   * Decodes the next frames, codes [T, codebooks] with T ≥ 1, to mono samples. One call at a time: each begins where
   * the one before it ended. Throws a RangeError on a code that no codebook has, such as an end token.
   */
  push(codes: BigInt64Array): Promise<Float32Array>;
  /** Forgets what it keeps. Nothing is pushed any more. */
  close(): void;
}

/**
 * Begins a stream on a session of the codec's decoder, or goes on from a state; a session serves any number of streams, and
 * any number may go on from one state.
 */
export function openCodecStream(
  session: Session,
  config: CodecDecoderConfig,
  from: SessionState = initialState(session),
): CodecStream {
  let state = from;
  return {
    async push(codes) {
      const outputs = await decode(session, config, { state, codes, skipped: 0 });
      const { wave } = outputs;
      if (!(wave?.data instanceof Float32Array)) throw new Error("the decoder gives no wave");
      state = nextState(session, outputs);
      return wave.data;
    },
    close() {
      state = {};
    },
  };
}

/**
 * The state of a stream after codes [T, codebooks] whose sound nobody wants. The convolutions, which are nearly all of the
 * work, are done for the last few frames only: what they keep hangs on no more. For sessions that skip frames.
 */
export async function stateAfter(
  session: Session,
  config: CodecDecoderConfig,
  codes: BigInt64Array,
): Promise<SessionState> {
  const frames = codes.length / config.num_quantizers;
  const skipped = Math.max(0, frames - convolutionReach(config));
  const state = initialState(session);
  return nextState(session, await decode(session, config, { state, codes, skipped }));
}

interface Call {
  state: SessionState;
  codes: BigInt64Array;
  skipped: number;
}

function decode(
  session: Session,
  { num_quantizers, codebook_size }: CodecDecoderConfig,
  { state, codes, skipped }: Call,
): Promise<Tensors> {
  checkCodes(codes, num_quantizers, codebook_size);
  const skips = session.inputs.some(({ name }) => name === skippedFrames);
  return session.run({
    ...state,
    codes: new Tensor("int64", codes, [1, codes.length / num_quantizers, num_quantizers]),
    ...(skips ? { [skippedFrames]: new Tensor("int64", BigInt64Array.of(BigInt(skipped))) } : {}),
  });
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
