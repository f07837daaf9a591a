import { createHash } from "node:crypto";
import { join } from "node:path";
import { Tensor } from "onnxruntime-node";
import { type ApiError, invalidRequest } from "../../../shared/api-error.ts";
import type { EncodedVoice, VoiceRecording } from "../../voices/voice-prompt.ts";
import type { SpeakerEncoderConfig } from "../checkpoint/model-config.ts";
import { encodeCodes } from "../codec-encoder/encode-codes.ts";
import { openSession, type Session } from "../session.ts";
import { shortestSamples } from "../speaker-encoder/encoder-graph.ts";
import type { Manifest } from "./manifest.ts";
import { encoderFiles, isOfEncoders } from "./pack-files.ts";

/** The speaker encoder hears a recording at once, and its memory grows with it. */
const longestSeconds = 60;

/** What hears voices in recordings. */
export interface VoiceEncoders {
  /**
   * Encodes a recording, one after the other. Throws an ApiError (400) for one that is too short or too long or has samples
   * that are no numbers, and the signal's reason once it is aborted.
   */
  encode(recording: VoiceRecording, signal: AbortSignal): Promise<EncodedVoice>;
}

export interface VoiceEncodersOptions {
  folder: string;
  manifest: Manifest;
  threads: number;
  config: SpeakerEncoderConfig;
  /** Of the codec's encoder. */
  samplesPerFrame: number;
}

/**
 * The encoders of a pack. They are loaded for a recording and freed after it: it is seldom that there is one, they take
 * hundreds of megabytes, and to load them takes less than to use them. They compute on the CPU whatever the pack speaks on, in float32:
 * what they make is kept, and should not hang on the machine.
 */
export function createVoiceEncoders(options: VoiceEncodersOptions): VoiceEncoders {
  const { manifest, config, samplesPerFrame } = options;
  const encoder = encodersDigest(manifest);
  let last: Promise<unknown> = Promise.resolve();

  async function withSession<Result>(
    file: string,
    use: (session: Session) => Promise<Result>,
  ): Promise<Result> {
    const { folder, threads } = options;
    const session = await openSession(join(folder, file), { threads, shapesVary: true });
    try {
      return await use(session);
    } finally {
      await session.close();
    }
  }

  async function encodeAlone(
    { samples, withCodes }: VoiceRecording,
    signal: AbortSignal,
  ): Promise<EncodedVoice> {
    signal.throwIfAborted();
    const xVector = await withSession(encoderFiles.speaker, (session) => hear(session, samples));
    signal.throwIfAborted();
    const codes = withCodes
      ? await withSession(encoderFiles.codec, (session) =>
          encodeCodes(session, samples, { samplesPerFrame, signal }),
        )
      : null;
    const frames = codes ? codes.length / manifest.shapes.codebooks : 0;
    return { xVector, codes, frames, encoder };
  }

  return {
    async encode(recording, signal) {
      checkRecording(recording, config);
      const turn = last.then(() => encodeAlone(recording, signal));
      last = turn.catch(() => {});
      return await turn;
    },
  };
}

async function hear(session: Session, samples: Float32Array): Promise<Float32Array> {
  const outputs = await session.run({
    samples: new Tensor("float32", samples, [1, samples.length]),
  });
  const { xVector } = outputs;
  if (!(xVector?.data instanceof Float32Array)) throw new Error("the encoder gives no vector");
  return xVector.data;
}

function checkRecording({ samples }: VoiceRecording, config: SpeakerEncoderConfig): void {
  const { sample_rate: rate } = config;
  const seconds = (samples.length / rate).toFixed(3);
  const least = shortestSamples(config) / rate;
  if (samples.length < shortestSamples(config)) {
    throw invalidRecording(`must last ${least.toFixed(3)} seconds at least; it lasts ${seconds}`);
  }
  if (samples.length > longestSeconds * rate) {
    throw invalidRecording(`must last ${longestSeconds} seconds at most; it lasts ${seconds}`);
  }
  const wrong = samples.findIndex((sample) => !Number.isFinite(sample));
  if (wrong >= 0) {
    throw invalidRecording(`must have numbers for samples; sample ${wrong} is ${samples[wrong]}`);
  }
}

function invalidRecording(problem: string): ApiError {
  return invalidRequest("invalid_value", `recording ${problem}`, "recording");
}

/** Names the graphs and their weights: hex SHA-256 over the digests of their files. */
function encodersDigest({ files }: Manifest): string {
  const digests = Object.entries(files)
    .filter(([name]) => isOfEncoders(name))
    .map(([name, { sha256 }]) => [name, sha256])
    .sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(digests)).digest("hex");
}
