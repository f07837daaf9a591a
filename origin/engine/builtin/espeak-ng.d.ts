// The package has no types of its own. This is the part of it that is used here.
declare module "@echogarden/espeak-ng-emscripten" {
  interface EspeakEvent {
    type: string;
    /** Of the character, from 1, in code points. */
    text_position: number;
    word_length: number;
    /** In milliseconds. */
    audio_position: number;
    id?: string | number;
  }

  interface EspeakWorker {
    get_samplerate(): number;
    /** With a null language the name decides: "de" or, with a variant, "de+f1". Returns 0 when there is such a voice. */
    set_voice(name: string, language: null, gender: number, age: number, variant: number): number;
    /** Words per minute. */
    set_rate(wordsPerMinute: number): void;
    /** 0 to 99; 50 is the voice's own pitch. */
    set_pitch(pitch: number): void;
    /** Percent of the voice's own amplitude. */
    set_volume(percent: number): void;
    /** Speaks before it returns. The callback gets copies of the samples and returns true to stop. */
    synthesize_and_get_phonemes(
      text: string,
      onAudio: (samples: Int16Array, events: EspeakEvent[]) => boolean,
    ): string;
  }

  interface EspeakModule {
    /** The memory of the compiled program; another array after it has grown. */
    readonly HEAPU8: Uint8Array;
    readonly eSpeakNGWorker: new () => EspeakWorker;
  }

  const load: () => Promise<EspeakModule>;
  export default load;
}
