/** Sound as a decoder hands it out. */
export interface DecodedSound {
  /** One array of samples in [-1, 1] for each channel, all as long. */
  channels: readonly Float32Array[];
  sampleRate: number;
}

/** Turns the packets of one track, in their order, into sound. */
export interface PacketDecoder {
  /** Throws for a packet that is damaged; the next one may be whole. */
  decode(packet: Uint8Array): DecodedSound[] | Promise<DecodedSound[]>;
  /** What was held back. */
  finish(): DecodedSound[] | Promise<DecodedSound[]>;
  /** Releases the decoder. It takes nothing more. */
  close(): void;
}
