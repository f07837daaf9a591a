/** The two parts of a pack that compute: what makes frames, and what makes sound of them. */
import { startYielding } from "../../process/yielding-threads.ts";
import type { CodecDecoderConfig } from "../checkpoint/codec-config.ts";
import { type CodecStream, openCodecStream, stateAfter } from "../codec/codec-stream.ts";
import type { SessionState } from "../codec/session-state.ts";
import type { Device } from "../device/device.ts";
import type { Generator, GeneratorOptions } from "../generate/generator.ts";
import { generatorKindOf } from "../generate/generator-kind.ts";
import { openSession } from "../session.ts";

interface Part {
  /** Resolves once its thread has done what was asked of it before. */
  answered(): Promise<void>;
  close(): Promise<void>;
}

export interface GeneratorPart extends Part {
  readonly generator: Generator;
}

export interface CodecPart extends Part {
  /** Begins a stream, behind a state where there is one. */
  open(after?: SessionState): CodecStream;
  /** See `stateAfter`. */
  stateAfter(codes: BigInt64Array): Promise<SessionState>;
}

interface ModelFile {
  path: string;
  device: Device;
  threads: number;
}

/** A graph that makes frames. */
export interface GraphFile extends ModelFile, Required<Omit<GeneratorOptions, "session">> {
  /** Of the talker. */
  layers: number;
  /** Whether the threads of its session have what others leave of the processors, but for the one that runs it. */
  yielding: boolean;
}

/** The codec's decoder. */
export interface DecoderFile extends ModelFile {
  config: CodecDecoderConfig;
}

export interface Parts {
  openGenerator(graph: GraphFile): Promise<GeneratorPart>;
  openCodec(decoder: DecoderFile): Promise<CodecPart>;
}

/** Parts that block this thread while they compute. */
export const partsHere: Parts = {
  async openGenerator({ path, pad, predictorVocabulary, steady, prefixBytes, yielding, ...graph }) {
    const kind = generatorKindOf(graph.device);
    const open = () => kind.open(path, graph);
    const session = await (yielding ? startYielding(open) : open());
    return {
      generator: kind.drive({ session, pad, predictorVocabulary, steady, prefixBytes }),
      answered: async () => {},
      close: session.close,
    };
  },
  async openCodec({ path, threads, device, config }) {
    const session = await openSession(path, { threads, device });
    return {
      open: (after) => openCodecStream(session, config, after),
      stateAfter: (codes) => stateAfter(session, config, codes),
      answered: async () => {},
      close: session.close,
    };
  },
};
