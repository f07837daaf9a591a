// What it takes to speak is loaded when there is something to be spoken: help and refusals come at once.
import { listenForStop } from "../process/stop-signals.ts";
import { explain, explainInterruption } from "./speak/explain.ts";
import { help, readSpeakOptions } from "./speak/options.ts";
import { readText } from "./speak/text.ts";

const stop = listenForStop();

try {
  await run(process.argv.slice(2), stop.signal);
} catch (cause) {
  process.stderr.write(`${stop.signal.aborted ? explainInterruption(cause) : explain(cause)}\n`);
  process.exitCode ??= 1;
}

async function run(args: string[], signal: AbortSignal): Promise<void> {
  const options = readSpeakOptions(args);
  if (options.help) {
    process.stdout.write(help);
    return;
  }
  if (options.in === undefined) {
    const input = await readText(options.text);
    const { speakText } = await import("./speak/speak-text.ts");
    return speakText(options, { ...options.fields, input }, signal);
  }
  const { readSource } = await import("./speak/source.ts");
  const source = await readSource(options.in, options);
  if (source.kind === "text") {
    const { speakText } = await import("./speak/speak-text.ts");
    return speakText(options, source.fields, signal);
  }
  const { speakWholeBook } = await import("./speak/speak-book.ts");
  await speakWholeBook(options, source.book, source.fields, signal);
}
