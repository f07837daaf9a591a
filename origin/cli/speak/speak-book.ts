import { readJob } from "../../../shared/jobs/job-request.ts";
import type { Book } from "../../book/book.ts";
import { bookFiles, outOf, requireWritable } from "./book-files.ts";
import { createBookReport } from "./book-report.ts";
import { speakBook } from "./book-session.ts";
import { explain } from "./explain.ts";
import { reportIssue } from "./issue-report.ts";
import { readNames } from "./names.ts";
import { formatFields, type SpeakOptions } from "./options.ts";
import { userPath } from "./user-path.ts";

/** Longer than any novel. What is kept of one is written anew after each part. */
const bookLimits = { codePoints: 10_000_000, chapters: 5000 };

/** Speaks a book, with these fields, to where the options say. Throws an Error fit for the user, or an UnfinishedBook. */
export async function speakWholeBook(
  options: SpeakOptions,
  { chapters, notes }: Book,
  fields: Record<string, unknown>,
  signal: AbortSignal,
): Promise<void> {
  if (options.play)
    throw new Error("--play must be left out with a book, which is spoken in parts");
  if (options.out === "-")
    throw new Error("--out must be a file with a book, which is kept in parts");
  const { trim_silence, ...rest } = fields;
  const body = {
    ...rest,
    ...formatFields(options),
    // Of every part it is.
    ...(trim_silence === true ? { trim_silence } : {}),
    chapters: chapters.map(({ title, text }) => ({ title, input: text })),
    output: options.chapters ? "chapters" : "file",
  };
  const order = readJob(body, await readNames(body), bookLimits);
  const out = outOf(options, order.request) ?? "";
  const files = bookFiles(
    userPath(out),
    options.timestamps === undefined ? undefined : userPath(options.timestamps),
    options.chapters ? chapters.length : null,
  );
  requireWritable(files, options.out !== undefined);
  const report = createBookReport(options.quiet ? null : process.stderr, notes);
  const request = { ...order.request, input: chapters.map(({ text }) => text).join("\n") };
  try {
    await speakBook(order, files, { report, signal });
  } catch (cause) {
    report.clear();
    await reportIssue(options, request, report.facts, explain(cause));
    throw cause;
  }
  report.summary(options.chapters ? `${files.audio.length} files like ${out}` : out);
  await reportIssue(options, request, report.facts, null);
}
