import { type SpeechRequest, speechRequestSchemaOf } from "../../../shared/speech-request.ts";
import { whenAborted } from "../../engine/when-aborted.ts";
import { bookFiles, outOf, requireWritable } from "./book-files.ts";
import { openDestination } from "./destination.ts";
import { explain } from "./explain.ts";
import { reportIssue } from "./issue-report.ts";
import { readNames } from "./names.ts";
import { formatFields, type SpeakOptions } from "./options.ts";
import { createReport } from "./report.ts";
import { writeTimestamps } from "./timestamps-file.ts";
import { userPath } from "./user-path.ts";

/** Speaks what is one request, of these fields, to where the options say. Throws an Error fit for the user. */
export async function speakText(
  options: SpeakOptions,
  fields: Record<string, unknown>,
  signal: AbortSignal,
): Promise<void> {
  const request = await parse({ ...fields, ...formatFields(options) });
  const out = outOf(options, request);
  const timestamps = options.timestamps === undefined ? undefined : userPath(options.timestamps);
  if (out !== undefined && out !== "-") {
    const files = bookFiles(userPath(out), timestamps, null);
    requireWritable(files, options.in === undefined || options.out !== undefined);
  }
  // What is refused up to here needs no engine.
  const { speakInto } = await import("./session.ts");
  const destination = await openDestination({ ...options, out }, request.format);
  const report = createReport(options.quiet ? null : process.stderr);
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

/** Throws with the sentence the API would answer with. */
async function parse(body: Record<string, unknown>): Promise<SpeechRequest> {
  const parsed = speechRequestSchemaOf(await readNames(body)).safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues[0]?.message);
}
