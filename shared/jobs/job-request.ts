import { type ApiError, invalidRequest } from "../api-error.ts";
import type { Catalogue } from "../catalogue.ts";
import { firstIssue } from "../http/speech-body.ts";
import { isObject } from "../http/translation.ts";
import { isSsml, type SpeechRequest, speechRequestSchemaOf } from "../speech-request.ts";
import { countCodePoints, findTextProblem, toComposed } from "../text-rules.ts";
import { broken, nullIfEmpty } from "../wire-values.ts";

/** Of all chapters together, in Unicode code points. */
export const maxJobCodePoints = 1_000_000;
export const maxChapters = 500;
const maxTitleCodePoints = 200;

/** How much is taken at once. */
export interface ScriptLimits {
  /** Of all chapters together. */
  codePoints: number;
  chapters: number;
}

const apiLimits: ScriptLimits = { codePoints: maxJobCodePoints, chapters: maxChapters };

/** One file, or one for each chapter. */
export const jobOutputs = ["file", "chapters"] as const;

export type JobOutput = (typeof jobOutputs)[number];

export interface ChapterText {
  title: string | null;
  /** Composed. */
  input: string;
}

/** A script to be spoken, with every name resolved. */
export interface JobRequest {
  /** How all of it is spoken; its `input` stands for nothing. */
  request: SpeechRequest;
  chapters: ChapterText[];
  output: JobOutput;
}

/** What has no meaning for a script: its parts are trimmed where they meet, and its files are fetched. */
const idleFields = ["stream", "stream_format", "trim_silence", "timestamps", "progress"];

/** Stands for the text while the fields beside it are judged. */
const anyInput = "a";

/**
 * Reads the body of `POST /v1/audio/jobs`: the fields of a speech request, with a longer `input`, or `chapters` of
 * `{title?, input}` in its place, and `output`. Throws a 400.
 */
export function readJob(
  body: unknown,
  catalogue: Catalogue,
  limits: ScriptLimits = apiLimits,
): JobRequest {
  if (!isObject(body)) throw refused(null, broken("the body", "a JSON object", body));
  const { input, chapters, output, ...fields } = body;
  const texts = readChapters(input, chapters, limits);
  const parsed = speechRequestSchemaOf(catalogue).safeParse({ ...fields, input: anyInput });
  if (!parsed.success) throw firstIssue(parsed.error.issues);
  // Its parts are no documents.
  const isMarkedUp = parsed.data.inputFormat === "ssml" || texts.some(({ input }) => isSsml(input));
  if (isMarkedUp && fields.input_format !== "text") {
    const message = "input_format must be text in a job, of which SSML is not spoken; got ssml";
    throw refused("input_format", message);
  }
  const idle = idleFields.filter((name) => fields[name] != null);
  return {
    chapters: texts,
    output: readOutput(output),
    request: {
      ...parsed.data,
      stream: true,
      streamFormat: "audio",
      trimSilence: true,
      timestamps: null,
      progress: false,
      ignoredFields: [...parsed.data.ignoredFields, ...idle],
    },
  };
}

/** All that is spoken, in code points: what a key pays for. */
export function countJobCharacters({ chapters }: Pick<JobRequest, "chapters">): number {
  return chapters.reduce((sum, { input }) => sum + countCodePoints(input), 0);
}

function readChapters(input: unknown, chapters: unknown, limits: ScriptLimits): ChapterText[] {
  if (nullIfEmpty(chapters) == null) {
    if (input === undefined) {
      throw invalidRequest("missing_required_parameter", "input is required", "input");
    }
    return [{ title: null, input: readText("input", input, limits.codePoints) }];
  }
  if (nullIfEmpty(input) != null) {
    throw refused("input", "input must be left out beside chapters");
  }
  if (!Array.isArray(chapters)) throw refused("chapters", broken("chapters", "an array", chapters));
  if (chapters.length === 0 || chapters.length > limits.chapters) {
    const rule = `chapters must have 1 to ${limits.chapters} entries; it has ${chapters.length}`;
    throw refused("chapters", rule);
  }
  let left = limits.codePoints;
  return chapters.map((chapter: unknown, index) => {
    const read = readChapter(chapter, `chapters[${index}]`, limits.codePoints);
    left -= countCodePoints(read.input);
    if (left >= 0) return read;
    throw invalidRequest(
      "string_above_max_length",
      `chapters must have at most ${limits.codePoints} characters (Unicode code points) together; they have more from chapters[${index}] on`,
      "chapters",
    );
  });
}

function readChapter(chapter: unknown, name: string, maxCodePoints: number): ChapterText {
  if (!isObject(chapter)) throw refused("chapters", broken(name, "a JSON object", chapter));
  const { title, input } = chapter;
  const rule = `a string of at most ${maxTitleCodePoints} characters`;
  if (title != null && (typeof title !== "string" || countCodePoints(title) > maxTitleCodePoints)) {
    throw refused("chapters", broken(`${name}.title`, rule, title));
  }
  const text = readText("chapters", input, maxCodePoints, `${name}.input`);
  return {
    title: typeof title === "string" && title.trim() !== "" ? title.trim() : null,
    input: text,
  };
}

function readText(param: string, value: unknown, maxCodePoints: number, name = param): string {
  if (typeof value !== "string") throw refused(param, broken(name, "a string", value));
  const problem = findTextProblem(value, { required: true, maxCodePoints });
  if (problem) throw invalidRequest(problem.code, `${name} ${problem.rule}`, param);
  return toComposed(value);
}

function readOutput(output: unknown): JobOutput {
  const folded = typeof output === "string" ? output.trim().toLowerCase() : output;
  if (nullIfEmpty(folded) == null) return "file";
  const known = jobOutputs.find((name) => name === folded);
  if (known) return known;
  throw refused("output", broken("output", jobOutputs.join(" or "), output));
}

function refused(param: string | null, message: string): ApiError {
  return invalidRequest("invalid_value", message, param);
}

/** The body in JSON Schema, beside the fields of `SpeechRequest`. */
export const jobJsonSchema = {
  type: "object",
  properties: {
    input: {
      description: `What is said: 1 to ${maxJobCodePoints} Unicode code points. Or \`chapters\`.`,
      type: ["string", "null"],
      maxLength: maxJobCodePoints,
    },
    chapters: {
      description: "What is said, in its place, with titles.",
      type: ["array", "null"],
      minItems: 1,
      maxItems: maxChapters,
      items: {
        type: "object",
        required: ["input"],
        properties: {
          title: { type: ["string", "null"], maxLength: maxTitleCodePoints },
          input: { type: "string", maxLength: maxJobCodePoints },
        },
      },
    },
    output: {
      description: "One file with all of it, or one for each chapter.",
      type: ["string", "null"],
      enum: [...jobOutputs, null],
      default: "file",
    },
  },
  additionalProperties: { description: "The other fields of `SpeechRequest`." },
  example: {
    model: "tts-1",
    voice: "alloy",
    chapters: [
      { title: "One", input: "It was a dark night." },
      { title: "Two", input: "It was a bright morning." },
    ],
  },
};
