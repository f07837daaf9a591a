import { writeFile } from "node:fs/promises";
import { ApiError } from "../../shared/api-error.ts";
import { readJob } from "../../shared/jobs/job-request.ts";
import { type SpeechRequest, speechRequestSchemaOf } from "../../shared/speech-request.ts";
import type { Book } from "../book/book.ts";
import { whenAborted } from "../engine/when-aborted.ts";
import { listenForStop } from "../process/stop-signals.ts";
import { readCatalogue } from "../settings.ts";
import { bookFiles, nameAfter, requireWritable } from "./speak/book-files.ts";
import { createBookReport } from "./speak/book-report.ts";
import { speakBook, UnfinishedBook } from "./speak/book-session.ts";
import { openDestination } from "./speak/destination.ts";
import { issueReport } from "./speak/issue-report.ts";
import { formatFields, help, readSpeakOptions, type SpeakOptions } from "./speak/options.ts";
import { createReport, type SpeechFacts } from "./speak/report.ts";
import { speakInto } from "./speak/session.ts";
import { readSource } from "./speak/source.ts";
import { readText } from "./speak/text.ts";
import { writeTimestamps } from "./speak/timestamps-file.ts";
import { userPath } from "./speak/user-path.ts";

/** Longer than any novel. What is kept of one is written anew after each part. */
const bookLimits = { codePoints: 10_000_000, chapters: 5000 };

const stop = listenForStop();

try {
  await run(process.argv.slice(2));
} catch (cause) {
  process.stderr.write(`${stop.signal.aborted ? interruption(cause) : explain(cause)}\n`);
  process.exitCode ??= 1;
}

async function run(args: string[]): Promise<void> {
  const options = readSpeakOptions(args);
  if (options.help) {
    process.stdout.write(help);
    return;
  }
  if (options.in === undefined) {
    const input = await readText(options.text);
    return speakText(options, { ...options.fields, input });
  }
  const source = await readSource(options.in, options);
  if (source.kind === "text") await speakText(options, source.fields);
  else await speakWholeBook(options, source.book, source.fields);
}

async function speakText(options: SpeakOptions, fields: Record<string, unknown>): Promise<void> {
  const request = parse({ ...fields, ...formatFields(options) });
  const out = outOf(options, request);
  const timestamps = options.timestamps === undefined ? undefined : userPath(options.timestamps);
  if (out !== undefined && out !== "-") {
    const files = bookFiles(userPath(out), timestamps, null);
    requireWritable(files, options.in === undefined || options.out !== undefined);
  }
  const destination = await openDestination({ ...options, out }, request.format);
  const report = createReport(options.quiet ? null : process.stderr);
  const { signal } = stop;
  try {
    const told = { timestamps: timestamps !== undefined, report, signal };
    const { end, events } = await speakInto(destination, request, told);
    if (timestamps !== undefined) await writeTimestamps(timestamps, events);
    await Promise.race([destination.finish(end), whenAborted(signal)]);
  } catch (cause) {
    report.clear();
    await destination.discard();
    await reportIssue(options, request, report.facts, explain(cause));
    throw cause;
  }
  report.summary(destination.name);
  await reportIssue(options, request, report.facts, null);
}

async function speakWholeBook(
  options: SpeakOptions,
  { chapters, notes }: Book,
  fields: Record<string, unknown>,
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
  const order = readJob(body, readCatalogue(process.env), bookLimits);
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
    await speakBook(order, files, { report, signal: stop.signal });
  } catch (cause) {
    report.clear();
    await reportIssue(options, request, report.facts, explain(cause));
    throw cause;
  }
  report.summary(options.chapters ? `${files.audio.length} files like ${out}` : out);
  await reportIssue(options, request, report.facts, null);
}

/** Undefined for what is played and not kept. */
function outOf(options: SpeakOptions, { format }: SpeechRequest): string | undefined {
  if (options.out !== undefined || options.play) return options.out;
  return nameAfter(options.in ?? "-", format);
}

async function reportIssue(
  { report }: SpeakOptions,
  request: SpeechRequest,
  facts: SpeechFacts,
  error: string | null,
): Promise<void> {
  if (report === undefined) return;
  await writeFile(userPath(report), issueReport({ request, facts, error }));
}

function interruption(cause: unknown): string {
  if (!(cause instanceof UnfinishedBook)) return "Interrupted.";
  return `Interrupted after ${Math.floor(cause.fraction * 100)} %: the same command goes on from there.`;
}

/** The API keeps the causes of its errors from clients; whoever runs the engine may know. */
function explain(failure: unknown): string {
  if (failure instanceof UnfinishedBook) {
    const percent = Math.floor(failure.fraction * 100);
    return `${explain(failure.cause)}\nWhat is spoken, ${percent} %, is kept: the same command goes on from there.`;
  }
  if (!(failure instanceof Error)) return String(failure);
  const { message, cause } = failure;
  return failure instanceof ApiError && cause instanceof Error
    ? `${message} (${cause.message})`
    : message;
}

/** Throws with the sentence the API would answer with. */
function parse(body: Record<string, unknown>): SpeechRequest {
  const parsed = speechRequestSchemaOf(readCatalogue(process.env)).safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues[0]?.message);
}
