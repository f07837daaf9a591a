/** MP3 by mpg123, in this thread. */

import { MPEGDecoder } from "mpg123-decoder";
import type { PacketDecoder } from "./packet-decoder.ts";

/** mpg123 hands out two channels of what has one, the same twice. */
export async function createMp3Decoder(): Promise<PacketDecoder> {
  const mpg123 = new MPEGDecoder();
  await mpg123.ready;
  return {
    decode(packet) {
      const { channelData, sampleRate, errors } = mpg123.decode(packet);
      const [error] = errors;
      if (error) throw new Error(error.message);
      return [{ channels: channelData, sampleRate }];
    },
    finish: () => [],
    close: () => mpg123.free(),
  };
}
