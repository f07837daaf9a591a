import { type AudioFormat, formats } from "../../shared/formats.ts";
import { patchWavSizes, wavHeader } from "../../shared/wav-header.ts";
import { askSpeech, type SpeechFields, type SpeechOptions } from "./api.ts";
import { canStream, streamToElement } from "./element-playback.ts";
import { audioOf } from "./event-stream.ts";
import { playSamples } from "./pcm-playback.ts";
import { decodePeaks, peaksOf } from "./peaks.ts";
import type { Playback, PlaybackEvents } from "./playback.ts";
import { Samples } from "./samples-of-pcm.ts";
import { beginTake, noteEvent, readProvenance, type Take } from "./take.ts";

/** OpenAI's clients take bare PCM for this rate, and so does this page where nothing else is said. */
const defaultRate = 24_000;

/** How often what has arrived is looked at for the drawing, and by how much it must have grown for another look. */
const lookMs = 120;
const growth = 1.08;

export interface Listening {
  take: Take;
  playback: Playback;
  /** Resolves when all of it is here; rejects when it breaks off or is stopped. */
  whole: Promise<void>;
}

export interface ListenEvents extends PlaybackEvents {
  /** More of the take is known. */
  grown(take: Take): void;
}

/** The type by which a MediaSource is asked for a format. */
function streamedType(format: AudioFormat): string {
  const type: string = formats[format].type;
  return type === "audio/webm" ? 'audio/webm; codecs="opus"' : type;
}

/** What a take is streamed as: the format asked for where the browser plays it while it arrives, else PCM. */
export function heardFormat(format: AudioFormat): AudioFormat {
  return canStream(streamedType(format)) ? format : "pcm";
}

/** Has a text spoken and plays it while it arrives. Resolves with the head of the answer; rejects with a Refusal. */
export async function listen(
  fields: SpeechFields,
  options: SpeechOptions,
  events: ListenEvents,
): Promise<Listening> {
  const askedAt = performance.now();
  const heardAs = heardFormat(fields.response_format);
  const answer = await askSpeech({ ...fields, response_format: heardAs }, options);
  const take = beginTake({
    fields,
    isAnother: options.newTake ?? false,
    heardAs,
    from: readProvenance(answer),
  });
  const started = () => {
    take.firstSoundMs = performance.now() - askedAt;
    events.grown(take);
    events.started?.();
  };
  const chunks = options.timestamps
    ? audioOf(answer, (event) => noteEvent(take, event))
    : chunksOf(answer);
  const hearing = heardAs === "pcm" ? hearSamples : hearFile;
  const { playback, drain } = hearing(take, { answer, chunks }, { ...events, started });
  playback.play();
  return { take, playback, whole: finish() };

  async function finish(): Promise<void> {
    try {
      await drain();
      take.workMs = performance.now() - askedAt;
      take.state = "whole";
    } catch (cause) {
      take.state = "broken";
      throw cause;
    } finally {
      playback.finish();
      events.grown(take);
    }
  }
}

interface Hearing {
  playback: Playback;
  /** Reads the answer to its end. */
  drain(): Promise<void>;
}

interface Arriving {
  answer: Response;
  /** Of its audio. */
  chunks: AsyncGenerator<Uint8Array<ArrayBuffer>>;
}

function hearSamples(
  take: Take,
  { answer, chunks: arriving }: Arriving,
  events: ListenEvents,
): Hearing {
  const sampleRate = Number(answer.headers.get("x-sample-rate")) || defaultRate;
  const samples = new Samples(sampleRate);
  const playback = playSamples(samples, events);
  const look = () => {
    take.peaks = peaksOf(samples.slice(0), sampleRate);
    events.grown(take);
  };
  return {
    playback,
    async drain() {
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      let lookedAt = 0;
      for await (const bytes of arriving) {
        chunks.push(bytes);
        samples.append(bytes);
        playback.grown();
        if (performance.now() - lookedAt < lookMs) continue;
        lookedAt = performance.now();
        look();
      }
      look();
      take.file = wavOf(chunks, sampleRate);
    },
  };
}

function hearFile(take: Take, { chunks: arriving }: Arriving, events: ListenEvents): Hearing {
  const { type } = formats[take.heardAs];
  const playback = streamToElement(streamedType(take.heardAs), events);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let arrived = 0;
  let looked = 0;
  let isLooking = false;

  async function look(): Promise<void> {
    looked = arrived;
    const peaks = await decodePeaks(new Blob(chunks, { type }));
    if (peaks && peaks.seconds >= take.peaks.seconds) take.peaks = peaks;
    events.grown(take);
  }

  /** Not more than one look at a time, since each decodes all that is here. */
  async function lookSometimes(): Promise<void> {
    if (isLooking || arrived < looked * growth) return;
    isLooking = true;
    const pause = new Promise((resolve) => setTimeout(resolve, lookMs));
    await Promise.all([look(), pause]);
    isLooking = false;
  }

  return {
    playback,
    async drain() {
      for await (const bytes of arriving) {
        chunks.push(bytes);
        arrived += bytes.length;
        playback.append(bytes);
        void lookSometimes();
      }
      take.file = new Blob(chunks, { type });
      playback.finish();
      await look();
    },
  };
}

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body?.getReader();
  while (reader) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}

function wavOf(chunks: Uint8Array<ArrayBuffer>[], sampleRate: number): Blob {
  const header = wavHeader(sampleRate);
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  patchWavSizes(header, header.length + bytes);
  return new Blob([header, ...chunks], { type: "audio/wav" });
}
