// Runs in a thread of `partsApart`: the codec's decoder.
import { answerCalls } from "../../process/thread.ts";
import type { CodecStream } from "../codec/codec-stream.ts";
import { copiedState, type StateCopy, stateOfCopy } from "../codec/session-state.ts";
import { type CodecPart, type DecoderFile, partsHere } from "./parts.ts";

export type CodecCalls = {
  open(decoder: DecoderFile): Promise<void>;
  begin(stream: { id: number; after: StateCopy | null }): void;
  push(codes: { id: number; codes: BigInt64Array }): Promise<Float32Array>;
  end(id: number): void;
  stateAfter(codes: BigInt64Array): Promise<StateCopy>;
  close(nothing: null): Promise<void>;
};

let part: CodecPart | undefined;
const streams = new Map<number, CodecStream>();

function opened(): CodecPart {
  if (!part) throw new Error("the codec is not open");
  return part;
}

const calls: CodecCalls = {
  async open(decoder) {
    part = await partsHere.openCodec(decoder);
  },
  begin({ id, after }) {
    streams.set(id, opened().open(after ? stateOfCopy(after) : undefined));
  },
  push({ id, codes }) {
    const stream = streams.get(id);
    if (!stream) throw new Error("the stream is not one of this codec");
    return stream.push(codes);
  },
  end(id) {
    streams.get(id)?.close();
    streams.delete(id);
  },
  async stateAfter(codes) {
    return copiedState(await opened().stateAfter(codes));
  },
  close: () => opened().close(),
};

answerCalls(calls);
