/** The parts in use of Emscripten modules that come without types. Pointers are byte offsets into the heap; 0 is null. */

interface EmscriptenHeap {
  /** Replaced when the heap grows: read it again after every call. */
  readonly HEAPF32: Float32Array;
  readonly HEAPU32: Uint32Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
}

declare module "@echogarden/sonic-wasm" {
  /** https://github.com/waywardgeek/sonic/blob/master/sonic.h */
  export interface Sonic extends EmscriptenHeap {
    _sonicCreateStream(sampleRate: number, channels: number): number;
    _sonicDestroyStream(stream: number): void;
    _sonicSetSpeed(stream: number, speed: number): void;
    /** 0 when out of memory. */
    _sonicWriteFloatToStream(stream: number, samples: number, count: number): number;
    /** The number of samples read, 0 when none are ready. */
    _sonicReadFloatFromStream(stream: number, samples: number, maxCount: number): number;
  }
  export default function createSonic(): Promise<Sonic>;
}

declare module "@echogarden/speex-resampler-wasm/simd" {
  /** https://github.com/xiph/speexdsp/blob/master/include/speex/speex_resampler.h */
  export interface SpeexResampler extends EmscriptenHeap {
    _speex_resampler_init(
      channels: number,
      inputRate: number,
      outputRate: number,
      quality: number,
      error: number,
    ): number;
    _speex_resampler_destroy(state: number): void;
    /** Drops the leading zeros that stand for the filter's delay. */
    _speex_resampler_skip_zeros(state: number): number;
    /** The two counts are read as room and overwritten with what was used; returns 0 or an error code. */
    _speex_resampler_process_float(
      state: number,
      channel: number,
      input: number,
      inputCount: number,
      output: number,
      outputCount: number,
    ): number;
  }
  export default function createSpeexResampler(): Promise<SpeexResampler>;
}
