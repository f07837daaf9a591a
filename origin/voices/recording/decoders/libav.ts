/** AAC, FLAC and Opus by libavcodec, in this thread. */

import { createRequire } from "node:module";
import type {
  Frame,
  LibAV,
  LibAVSync,
  LibAVWrapper,
} from "@libav.js/variant-mediarecorder-transcoder";
import type { DecodedSound, PacketDecoder } from "./packet-decoder.ts";

type Libav = LibAV & LibAVSync;

/** By Mediabunny's names for the codecs, libavcodec's for the decoders. */
const decoderNames = { aac: "aac", flac: "flac", opus: "libopus" } as const;

export type LibavCodec = keyof typeof decoderNames;

/** What a track says of itself. */
export interface LibavTrack {
  codec: LibavCodec;
  sampleRate: number;
  channels: number;
  /** The codec's header as libavcodec takes it; AAC in ADTS has none. */
  header: Uint8Array | undefined;
}

let loading: Promise<Libav> | undefined;

/** Throws an Error when the track's header is damaged. */
export async function createLibavDecoder(track: LibavTrack): Promise<PacketDecoder> {
  loading ??= loadLibav();
  const libav = await loading;
  const codec = libav.avcodec_find_decoder_by_name_sync(decoderNames[track.codec]);
  const context = libav.avcodec_alloc_context3_sync(codec);
  const packet = libav.av_packet_alloc_sync();
  const frame = libav.av_frame_alloc_sync();
  const close = () => libav.ff_free_decoder_sync(context, packet, frame);

  libav.AVCodecContext_sample_rate_s_sync(context, track.sampleRate);
  libav.AVCodecContext_ch_layout_nb_channels_s_sync(context, track.channels);
  if (track.header) setHeader(libav, context, track.header);
  const opened = libav.avcodec_open2_sync(context, codec, 0);
  if (opened < 0) {
    close();
    throw new Error(libav.ff_error_sync(opened));
  }

  const run = (packets: { data: Uint8Array }[], fin: boolean): DecodedSound[] =>
    libav.ff_decode_multi_sync(context, packet, frame, packets, { fin }).map(toSound);
  return {
    decode: (data) => run([{ data }], false),
    finish: () => run([], true),
    close,
  };
}

async function loadLibav(): Promise<Libav> {
  // It is a script for browsers that also knows `require`.
  const wrapper: LibAVWrapper = createRequire(import.meta.url)(
    "@libav.js/variant-mediarecorder-transcoder",
  );
  return wrapper.LibAV({ noworker: true });
}

/** `AV_INPUT_BUFFER_PADDING_SIZE`: readers of bits look ahead. */
const headerPadding = 64;

function setHeader(libav: Libav, context: number, header: Uint8Array): void {
  const memory = libav.malloc_sync(header.length + headerPadding);
  const padded = new Uint8Array(header.length + headerPadding);
  padded.set(header);
  libav.copyin_u8_sync(memory, padded);
  // The context frees it with itself.
  libav.AVCodecContext_extradata_s_sync(context, memory);
  libav.AVCodecContext_extradata_size_s_sync(context, header.length);
}

/** `AV_SAMPLE_FMT_…` of what these decoders hand out, as the value of full scale. */
const fullScales: Record<number, number> = {
  1: 2 ** 15,
  2: 2 ** 31,
  3: 1,
  6: 2 ** 15,
  7: 2 ** 31,
  8: 1,
};

type Samples = Int16Array | Int32Array | Float32Array;

function toSound({
  data,
  format,
  sample_rate = 0,
  channels = 0,
  nb_samples = 0,
}: Frame): DecodedSound {
  const fullScale = fullScales[format];
  if (!fullScale) throw new Error(`samples of format ${format}`);
  const read = (samples: Samples, first: number, step: number) =>
    Float32Array.from(
      { length: nb_samples },
      (_, i) => (samples[first + i * step] ?? 0) / fullScale,
    );
  const planes: Samples[] | Samples = data;
  return {
    channels: Array.isArray(planes)
      ? planes.map((plane) => read(plane, 0, 1))
      : Array.from({ length: channels }, (_, channel) => read(planes, channel, channels)),
    sampleRate: sample_rate,
  };
}
