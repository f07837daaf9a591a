/**
 * Vorbis by libvorbis, in this thread. Its package reads Ogg pages; here they are made of the packets, since these come
 * from WebM, too.
 */

import { OggVorbisDecoder } from "@wasm-audio-decoders/ogg-vorbis";
import { codecFrames, data, header, isLastPage, type OggPage, vorbisSetup } from "codec-parser";
import type { PacketDecoder } from "./packet-decoder.ts";

/**
 * `headers` are the identification, comment and setup headers as Matroska's CodecPrivate has them: how many less one,
 * the lengths of all but the last as Xiph laces them, and then the three. Throws an Error when they are damaged.
 */
export async function createVorbisDecoder(headers: Uint8Array): Promise<PacketDecoder> {
  const [identification, setup] = splitHeaders(headers);
  const vorbis = new OggVorbisDecoder();
  await vorbis.ready;
  let headersSent = false;

  return {
    async decode(packet) {
      const frame = { [data]: packet, [header]: { [vorbisSetup]: setup } };
      const pages = [{ [data]: packet, [codecFrames]: [frame], [isLastPage]: false }];
      if (!headersSent) {
        pages.unshift({ [data]: identification, [codecFrames]: [], [isLastPage]: false });
      }
      headersSent = true;
      // Of a page it reads no more than this.
      const { channelData, sampleRate, errors } = await vorbis.decodeOggPages(
        pages as unknown as OggPage[],
      );
      const [error] = errors;
      if (error) throw new Error(error.message);
      return [{ channels: channelData, sampleRate }];
    },
    finish: () => [],
    close: () => vorbis.free(),
  };
}

const identificationBytes = 30;

function splitHeaders(headers: Uint8Array): [Uint8Array, Uint8Array] {
  let at = 1;
  const readLength = (): number => {
    let length = 0;
    let byte: number | undefined;
    do {
      byte = headers[at++];
      length += byte ?? 0;
    } while (byte === 255);
    return length;
  };
  const first = readLength();
  const second = readLength();
  const identification = headers.slice(at, at + first);
  const setup = headers.slice(at + first + second);
  const isWhole = headers[0] === 2 && first === identificationBytes && setup[0] === 5;
  if (!isWhole) throw new Error("the Vorbis headers are damaged");
  return [identification, setup];
}
