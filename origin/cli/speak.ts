import { writeFile } from "node:fs/promises";
import { ApiError } from "../../shared/api-error.ts";
import { type SpeechRequest, speechRequestSchemaOf } from "../../shared/speech-request.ts";
import { whenAborted } from "../engine/when-aborted.ts";
import { listenForStop } from "../process/stop-signals.ts";
import { readCatalogue } from "../settings.ts";
import { openDestination } from "./speak/destination.ts";
import { issueReport } from "./speak/issue-report.ts";
import { formatFields, help, readSpeakOptions } from "./speak/options.ts";
import { createReport } from "./speak/report.ts";
import { speakInto } from "./speak/session.ts";
import { readText } from "./speak/text.ts";
import { userPath } from "./speak/user-path.ts";

const stop = listenForStop();

try {
  await run(process.argv.slice(2));
} catch (cause) {
  process.stderr.write(`${stop.signal.aborted ? "Interrupted." : explain(cause)}\n`);
  process.exitCode ??= 1;
}

async function run(args: string[]): Promise<void> {
  const options = readSpeakOptions(args);
  if (options.help) {
    process.stdout.write(help);
    return;
  }
  const input = await readText(options.text);
  const request = parse({ ...options.fields, ...formatFields(options), input });
  const destination = await openDestination(options, request.format);
  const report = createReport(process.stderr);
  try {
    const end = await speakInto(destination, request, report, stop.signal);
    await Promise.race([destination.finish(end), whenAborted(stop.signal)]);
  } catch (cause) {
    report.clear();
    await destination.discard();
    await reportIssue(explain(cause));
    throw cause;
  }
  report.summary(destination.name);
  await reportIssue(null);

  async function reportIssue(error: string | null): Promise<void> {
    if (options.report === undefined) return;
    const content = issueReport({ request, facts: report.facts, error });
    await writeFile(userPath(options.report), content);
  }
}

/** The API keeps the causes of its errors from clients; whoever runs the engine may know. */
function explain(failure: unknown): string {
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
