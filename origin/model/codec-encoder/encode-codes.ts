import { setImmediate as nextTurn } from "node:timers/promises";
import { Tensor } from "onnxruntime-node";
import { initialState, nextState } from "../codec/session-state.ts";
import type { Session } from "../session.ts";

/** A second or so: longer calls would hold up those who are spoken to, and gain nothing. */
const defaultFramesPerCall = 12;

export interface EncodeOptions {
  /** One frame of codes for so many samples. */
  samplesPerFrame: number;
  signal: AbortSignal;
  framesPerCall?: number;
}

/**
 * Encodes mono samples to codes [frames][codebooks], the last frame for what is left. A call of the session blocks this thread, and others have their turns between two. Rejects with the signal's reason
 * once it is aborted.
 */
export async function encodeCodes(
  session: Session,
  samples: Float32Array,
  { samplesPerFrame, signal, framesPerCall = defaultFramesPerCall }: EncodeOptions,
): Promise<Uint16Array> {
  const parts: BigInt64Array[] = [];
  let state = initialState(session);
  const length = framesPerCall * samplesPerFrame;
  for (let start = 0; start < samples.length; start += length) {
    const part = samples.slice(start, start + length);
    const outputs = await session.run({
      ...state,
      samples: new Tensor("float32", part, [1, part.length]),
    });
    const { codes } = outputs;
    if (!(codes?.data instanceof BigInt64Array)) throw new Error("the encoder gives no codes");
    parts.push(codes.data);
    state = nextState(session, outputs);
    await nextTurn();
    signal.throwIfAborted();
  }
  return Uint16Array.from(parts.flatMap((codes) => Array.from(codes, Number)));
}
