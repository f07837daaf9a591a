/** Decodes a track as its packets come, whatever its codec, and no further than it is asked to. */

import {
  AudioSampleSink,
  EncodedPacketSink,
  type InputAudioTrack,
  PCM_AUDIO_CODECS,
} from "mediabunny";
import { createLibavDecoder } from "./decoders/libav.ts";
import { createMp3Decoder } from "./decoders/mp3.ts";
import type { DecodedSound, PacketDecoder } from "./decoders/packet-decoder.ts";
import { createVorbisDecoder } from "./decoders/vorbis.ts";
import { unreadable, unsupported } from "./recording.ts";

/** Of a whole file some packets may be damaged, as players take it; past this share it is another file than was sent. */
const maxDamagedShare = 0.1;

/** The sound of a track in its order. Throws an ApiError for a codec that is not read here and for damaged packets. */
export async function* decodeTrack(track: InputAudioTrack): AsyncGenerator<DecodedSound> {
  const codec = await track.getCodec();
  if (codec && PCM_AUDIO_CODECS.some((pcm) => pcm === codec)) return yield* readPcm(track);
  const decoder = await createDecoder(track);
  try {
    yield* decodePackets(track, decoder);
  } finally {
    decoder.close();
  }
}

async function* readPcm(track: InputAudioTrack): AsyncGenerator<DecodedSound> {
  for await (const sample of new AudioSampleSink(track).samples()) {
    const { numberOfChannels, numberOfFrames, sampleRate } = sample;
    const channels = Array.from({ length: numberOfChannels }, (_, planeIndex) => {
      const samples = new Float32Array(numberOfFrames);
      sample.copyTo(samples, { planeIndex, format: "f32-planar" });
      return samples;
    });
    sample.close();
    yield { channels, sampleRate };
  }
}

async function* decodePackets(
  track: InputAudioTrack,
  decoder: PacketDecoder,
): AsyncGenerator<DecodedSound> {
  let [packets, damaged] = [0, 0];
  let firstError: unknown;
  /** Encoders begin before the beginning; what they say of that is in the packets' times. */
  let early = 0;
  for await (const packet of new EncodedPacketSink(track).packets()) {
    if (packets++ === 0) early = Math.max(0, -packet.timestamp);
    try {
      for (const sound of await decoder.decode(packet.data)) {
        const samples = sound.channels[0]?.length ?? 0;
        const cut = Math.min(samples, Math.round(early * sound.sampleRate));
        early -= cut / sound.sampleRate;
        yield cut > 0 ? cutBeginning(sound, cut) : sound;
      }
    } catch (error) {
      // A trap of WebAssembly: what the decoder holds is no more to be trusted.
      if (error instanceof Error && error.name === "RuntimeError") throw error;
      damaged++;
      firstError ??= error;
    }
  }
  if (damaged > maxDamagedShare * packets) {
    const said = firstError instanceof Error ? firstError.message : String(firstError);
    throw unreadable(
      `The recording is damaged: ${damaged} of its ${packets} packets cannot be decoded (${said}).`,
    );
  }
  yield* await decoder.finish();
}

function cutBeginning({ channels, sampleRate }: DecodedSound, samples: number): DecodedSound {
  return { channels: channels.map((channel) => channel.subarray(samples)), sampleRate };
}

async function createDecoder(track: InputAudioTrack): Promise<PacketDecoder> {
  const codec = await track.getCodec();
  const config = codec ? await track.getDecoderConfig() : null;
  if (!config) throw await unsupportedCodec(track);
  const header = toBytes(config.description);
  const [sampleRate, channels] = [config.sampleRate, config.numberOfChannels];
  switch (codec) {
    case "aac":
    case "opus":
      return createLibavDecoder({ codec, sampleRate, channels, header });
    case "flac":
      // Before STREAMINFO stand the signature and the block's header.
      return createLibavDecoder({ codec, sampleRate, channels, header: header?.subarray(8, 42) });
    case "mp3":
      return createMp3Decoder();
    case "vorbis":
      return createVorbisDecoder(header ?? new Uint8Array(0));
    default:
      throw await unsupportedCodec(track);
  }
}

async function unsupportedCodec(track: InputAudioTrack) {
  const name = (await track.getCodec()) ?? (await track.getInternalCodecId());
  return unsupported(
    `The recording is in a codec that is not read here: ${name ?? "one without a name"}. ` +
      "Codecs that are read: PCM, A-law, mu-law, MP3, FLAC, AAC, Opus and Vorbis.",
  );
}

function toBytes(source: ArrayBufferLike | ArrayBufferView | undefined): Uint8Array | undefined {
  if (!source) return undefined;
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}
