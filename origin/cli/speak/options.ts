import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { findFormat, formatNames } from "../../../shared/formats.ts";
import { readOptions } from "../read-options.ts";

export const help = `Usage: npm run speak -- [TEXT] [OPTION ...]

Speaks TEXT into a file, without a server. Where TEXT is "-" or left out, it is read from standard input. With --in it reads
a text or a book instead: in parts that are kept until it is whole, so that the same command goes on where it was stopped.

  --in FILE            text, Markdown (.md), SSML or EPUB; "-" for standard input
  --chapters           one file for each chapter, book-01.mp3 and so on; else one with marks of them, where it is mp3
  --timestamps FILE    writes when what is said, as .vtt or .srt for subtitles, or .json
  --voice NAME         DEFAULT_VOICE (alloy) unless said otherwise; "design" for a voice-design model, or a voice that is kept here
                       (npm run voice)
  --model ID           DEFAULT_MODEL (tts-1) unless said otherwise
  --language NAME      of the text; auto unless said otherwise
  --instructions TEXT  how to speak
  --speed N            0.25 to 4
  --seed N             for another take
  --temperature N      0 to 2; how freely the model draws, where 0 always takes the likeliest
  --top-k N            of how many candidates it draws; 0 turns it off
  --top-p N            of the likeliest candidates up to this share, above 0 and at most 1
  --repetition-penalty N  0.1 to 10; above 1 is less likely to repeat itself
  --input-format NAME  text or ssml, as which a text that begins with <speak is read anyhow
  --markup NAME        none, tags to follow [pause:1.2s], [voice:echo] and [rate:1.2], or markdown
  --code-blocks NAME   skip, or speak to have blocks of code in Markdown read out
  --segmentation NAME  auto, or off to speak the whole text in one context of the model
  --normalization NAME  auto, on or off: whether numbers, dates, emoji and the like are put in words
  --lexicon FILE       how words are said: JSON, {"word": "respelling"}
  --format NAME        ${formatNames.join(", ")}; unless given, the ending of FILE decides
  --sample-rate HZ     of the file
  --bitrate N          of the file, in bits per second
  --volume DB          -20 to 12; louder or softer, never clipped; below 0 it is written --volume=-6
  --loudness LUFS      -36 to -9; what the file is brought to, as EBU R 128 has it; written --loudness=-16
  --trim-silence       cuts the silence before and after the speech
  --out FILE           speech.mp3, or the name of what is read, unless said otherwise; "-" is standard output (then use
                       npm run -s speak)
  --play               plays it as it is spoken, and keeps a file only with --out
  --report FILE        writes how it went, with this machine and its packs, as JSON for an issue report; not the text
  --quiet              says nothing but what goes wrong
  --help               this text

Environment: ENGINE (auto, qwen3, builtin), DEVICE (auto, cpu, cuda, webgpu), MODELS_DIR, ENGINE_THREADS, DETERMINISTIC,
MODEL_ALIASES, VOICE_ALIASES (JSON: names of your own), DEFAULT_MODEL, DEFAULT_VOICE, LEXICON_FILE,
VOICES_DIR.
`;

/** How what is said when is written, by the ending of the file's name. */
export const timestampFormats = ["vtt", "srt", "json"] as const;

export interface SpeakOptions {
  help: boolean;
  text: string | undefined;
  /** A path, or "-" for standard input. */
  in: string | undefined;
  /** Whether there is to be a file for each chapter. */
  chapters: boolean;
  /** A path that ends as one of the formats. */
  timestamps: string | undefined;
  quiet: boolean;
  /** Of the request, by their names on the wire; not yet validated. */
  fields: Record<string, unknown>;
  format: string | undefined;
  /** A path, or "-" for standard output. */
  out: string | undefined;
  play: boolean;
  /** Where to write a report for an issue. */
  report: string | undefined;
}

/** Reads the command line. Throws an Error fit for the user. */
export function readSpeakOptions(args: string[]): SpeakOptions {
  const { values, positionals } = readOptions({
    args,
    allowPositionals: true,
    options: {
      voice: { type: "string" },
      model: { type: "string" },
      language: { type: "string" },
      instructions: { type: "string" },
      speed: { type: "string" },
      seed: { type: "string" },
      temperature: { type: "string" },
      "top-k": { type: "string" },
      "top-p": { type: "string" },
      "repetition-penalty": { type: "string" },
      segmentation: { type: "string" },
      "input-format": { type: "string" },
      markup: { type: "string" },
      "code-blocks": { type: "string" },
      normalization: { type: "string" },
      lexicon: { type: "string" },
      format: { type: "string" },
      "sample-rate": { type: "string" },
      bitrate: { type: "string" },
      volume: { type: "string" },
      loudness: { type: "string" },
      "trim-silence": { type: "boolean", default: false },
      out: { type: "string" },
      play: { type: "boolean", default: false },
      report: { type: "string" },
      in: { type: "string" },
      chapters: { type: "boolean", default: false },
      timestamps: { type: "string" },
      quiet: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (positionals.length > 1) {
    throw new Error(`TEXT is one argument, in quotes; got ${positionals.length}`);
  }
  const { voice, model, language, instructions, segmentation, normalization } = values;
  const { format, out, play, report, chapters, timestamps, quiet } = values;
  if (values.in !== undefined && positionals.length > 0) {
    throw new Error("TEXT must be left out beside --in");
  }
  if (chapters && values.in === undefined) throw new Error("--chapters needs --in");
  if (timestamps !== undefined && !endingOf(timestamps)) {
    const endings = timestampFormats.map((name) => `.${name}`).join(", ");
    throw new Error(`--timestamps must end with one of ${endings}; got ${timestamps}`);
  }
  return {
    help: values.help,
    text: positionals[0],
    in: values.in,
    ...{ chapters, timestamps, quiet },
    fields: {
      voice,
      model,
      language,
      instructions,
      speed: toNumber(values.speed),
      seed: toNumber(values.seed),
      temperature: toNumber(values.temperature),
      top_k: toNumber(values["top-k"]),
      top_p: toNumber(values["top-p"]),
      repetition_penalty: toNumber(values["repetition-penalty"]),
      segmentation,
      input_format: values["input-format"],
      markup: values.markup,
      code_blocks: values["code-blocks"],
      normalization,
      lexicon: values.lexicon === undefined ? undefined : readLexicon(values.lexicon),
      sample_rate: toNumber(values["sample-rate"]),
      bitrate: toNumber(values.bitrate),
      volume: toNumber(values.volume),
      loudness: toNumber(values.loudness),
      trim_silence: values["trim-silence"],
    },
    format,
    out,
    play,
    report,
  };
}

/**
 * The request's format: as asked for, or as the file is called. What is played and not kept is wav, which every
 * player takes and which waits for nothing. Throws when name and option name two formats.
 */
export function formatFields({ format, out, play }: SpeakOptions): { response_format?: string } {
  const ending = out === undefined ? "" : extname(out).slice(1).toLowerCase();
  const named = findFormat(ending);
  if (format !== undefined && named !== undefined && named !== findFormat(format)) {
    throw new Error(`--format ${format} and the ending of --out ${out} must agree`);
  }
  const response_format = format ?? (ending || (play && out === undefined ? "wav" : "mp3"));
  return { response_format };
}

/** The format of timestamps that a path says. */
export function endingOf(path: string): (typeof timestampFormats)[number] | undefined {
  const ending = extname(path).slice(1).toLowerCase();
  return timestampFormats.find((name) => name === ending);
}

/** Throws an Error fit for the user when there is no such file, or no JSON in it. */
function readLexicon(path: string): unknown {
  const text = readFileSync(path, "utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`--lexicon ${path} must be JSON: ${reason}`, { cause });
  }
}

/** What is no number stays a text, for the API's rules to refuse. */
function toNumber(text: string | undefined): number | string | undefined {
  if (text === undefined || text.trim() === "") return text;
  const value = Number(text);
  return Number.isNaN(value) ? text : value;
}
