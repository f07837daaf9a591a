/** Finds the one audio track of a file, by what the file holds: its name and type are what anybody wrote on it. */

import {
  ADTS,
  BufferSource,
  FLAC,
  Input,
  type InputAudioTrack,
  InputDisposedError,
  MATROSKA,
  MP3,
  MP4,
  OGG,
  QTFF,
  UnsupportedInputFormatError,
  WAVE,
  WEBM,
} from "mediabunny";
import { ApiError } from "../../../shared/api-error.ts";
import { unreadable, unsupported } from "./recording.ts";

/** Those that can be mistaken for others come last. HLS is not among them: it would fetch what it names. */
const formats = [WAVE, FLAC, OGG, MP4, QTFF, WEBM, MATROSKA, ADTS, MP3];

const formatNames = "WAV, MP3, FLAC, Ogg, Opus, AAC, M4A and WebM";

export interface OpenContainer {
  name: string;
  track: InputAudioTrack;
  close(): void;
}

/** Throws an ApiError when the file is none, holds no sound, or several tracks of it. */
export async function openContainer(bytes: Uint8Array): Promise<OpenContainer> {
  if (bytes.length === 0) throw unreadable("The recording is empty: 0 bytes.");
  const input = new Input({ source: new BufferSource(bytes), formats });
  try {
    const name = (await input.getFormat()).name;
    const tracks = await input.getTracks();
    const [track, ...others] = tracks.filter((each) => each.isAudioTrack());
    if (!track) throw explainNoTrack(bytes, name, tracks.length);
    if (others.length > 0) {
      throw unreadable(
        `The recording has ${others.length + 1} audio tracks; it has to have one, with one speaker.`,
      );
    }
    return { name, track, close: () => input.dispose() };
  } catch (error) {
    input.dispose();
    throw error instanceof ApiError || error instanceof InputDisposedError
      ? error
      : explain(bytes, error);
  }
}

function explainNoTrack(bytes: Uint8Array, name: string, tracks: number): ApiError {
  const codec = name === "Ogg" ? unreadOggCodec(bytes) : undefined;
  if (codec) return unsupported(`The recording is in a codec that is not read here: ${codec}.`);
  return unreadable(
    tracks > 0
      ? `The recording has no sound: its ${name} file has ${tracks} track(s), none of audio.`
      : `The recording has no sound: its ${name} file is cut off or has no track of audio.`,
  );
}

/** By the first packet, of those that Mediabunny leaves out. */
function unreadOggCodec(bytes: Uint8Array): string | undefined {
  const packet = Buffer.from(bytes.subarray(28, 36)).toString("latin1");
  if (packet.startsWith("\u007fFLAC")) return "FLAC in Ogg; a FLAC file by itself is read";
  return packet.startsWith("Speex") ? "Speex" : undefined;
}

function explain(bytes: Uint8Array, error: unknown): ApiError {
  const found = nameContent(bytes);
  const [size, known] = [`${bytes.length} bytes`, `Formats that are read: ${formatNames}.`];
  if (found) return unreadable(`The recording is ${found}, not audio. ${known}`);
  if (error instanceof UnsupportedInputFormatError) {
    return unreadable(`The recording's ${size} are no audio that is known here. ${known}`);
  }
  const said = error instanceof Error ? error.message : String(error);
  // Mediabunny's words for formats of samples in WAV files that it does not read.
  const codec = /Unsupported (.*?)(?:\. |$)/.exec(said)?.[1];
  return codec
    ? unsupported(`The recording is in a codec that is not read here: ${codec}. ${known}`)
    : unreadable(`The recording cannot be read, its ${size} are damaged or cut off: ${said}`);
}

/** Of files that are often given a wrong name, by how they begin. */
const beginnings: readonly (readonly [name: string, beginning: string])[] = [
  ["a PNG picture", "\u0089PNG"],
  ["a JPEG picture", "\u00ff\u00d8\u00ff"],
  ["a GIF picture", "GIF8"],
  ["a PDF document", "%PDF"],
  ["a ZIP archive or an office document", "PK"],
  ["compressed by gzip", "\u001f\u008b"],
  ["a MIDI file, which is notes", "MThd"],
  ["an AIFF file", "FORM"],
  ["a Core Audio file", "caff"],
  ["a Windows Media file", "\u0030\u0026\u00b2\u0075"],
  ["an AMR file", "#!AMR"],
];

const texts: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["an HTML page", /^\s*<(?:!doctype html|html|head|body)/i],
  ["XML", /^\s*<\?xml/i],
  ["JSON", /^\s*[{[]\s*["{[\]}]/],
  ["text", /^/],
];

function nameContent(bytes: Uint8Array): string | undefined {
  const beginning = Buffer.from(bytes.subarray(0, 512)).toString("latin1");
  const binary = beginnings.find(([, start]) => beginning.startsWith(start));
  if (binary) return binary[0];
  const text = readText(bytes);
  return text === undefined ? undefined : texts.find(([, pattern]) => pattern.test(text))?.[0];
}

/** The beginning of a text; undefined for what is none. */
function readText(bytes: Uint8Array): string | undefined {
  // The last of it may be half a character.
  const text = new TextDecoder().decode(bytes.subarray(0, 4096).subarray(0, -4));
  const isText = !text.includes("\ufffd") && !/[^\P{Cc}\t-\r]/u.test(text);
  return isText ? text : undefined;
}
