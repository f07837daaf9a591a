import { randomBytes } from "node:crypto";
import { jobIdOf } from "../../shared/jobs/job-id.ts";
import type { JobRequest } from "../../shared/jobs/job-request.ts";
import type { Language } from "../../shared/languages.ts";
import { isMarkedUp } from "../../shared/speech-request.ts";
import { countCodePoints } from "../../shared/text-rules.ts";
import { guessLanguage } from "../text/detect-language.ts";
import { cutParts } from "./cut-parts.ts";
import type { JobRecord, JobScript } from "./job-record.ts";

/** Of a text, as much as tells its language. */
const tellingLetters = 4096;

/** A job before anything of it is spoken, and its text in parts. */
export function prepareJob(
  { request, chapters, output }: JobRequest,
  owner: string,
  originId: string,
  defaultLanguage: Language,
): { record: JobRecord; script: JobScript } {
  const script = chapters.map(({ input }, index) => {
    const beginning = input.slice(0, tellingLetters);
    const language = request.language === "auto" ? guessLanguage(beginning) : request.language;
    const isLast = output === "chapters" || index === chapters.length - 1;
    return cutParts(input, language ?? defaultLanguage, { isLast, isPlain: !isMarkedUp(request) });
  });
  const record: JobRecord = {
    version: 1,
    id: jobIdOf(originId, randomBytes(12).toString("hex")),
    owner,
    status: "queued",
    createdAt: Math.floor(Date.now() / 1000),
    startedAt: null,
    finishedAt: null,
    expiresAt: null,
    output,
    request: { ...request, input: "" },
    chapters: chapters.map(({ title, input }) => ({
      title,
      characters: countCodePoints(input),
      spokenCharacters: 0,
      spokenParts: 0,
      samples: 0,
    })),
    files: (output === "file" ? chapters.slice(0, 1) : chapters).map(() => ({
      bytes: 0,
      isWhole: false,
    })),
    resolvedModel: null,
    engine: null,
    ignoredFields: request.ignoredFields,
    error: null,
    toldUnspoken: false,
  };
  return { record, script: { chapters: script } };
}
