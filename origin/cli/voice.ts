// What it takes to make voices and to speak is loaded when there is something to be made: help and refusals come at once.
import { listenForStop } from "../process/stop-signals.ts";
import { readVoicesDirectory } from "../settings.ts";
import { runCommand } from "./run-command.ts";
import { explain } from "./speak/explain.ts";
import { list, remove, rename } from "./voice/manage.ts";
import { readAddOptions, readDesignOptions, readTryOptions } from "./voice/options.ts";

const help = `Usage: npm run voice -- COMMAND

Keeps voices on this machine, for npm run speak and for whoever asks its origin without an edge; an origin that runs notices. An edge
keeps voices of its own for each key: there they are made by POST /v1/audio/voices.

  add FILE --name NAME --consent FILE|ID [--ref-text TEXT] [--language L]
        Clones the voice of a recording: WAV, MP3, FLAC, Ogg, Opus, AAC, M4A or WebM, with 1 to 60 s of one voice. The consent is a
        recording of whoever is heard saying that they agree, or the id of one that was given before; of it a digest is
        kept. TEXT is what is said in FILE: with it models go on from the recording, without it they know its x-vector
        alone.
  design "DESCRIPTION" --name NAME [--script-hint TEXT] [--language L]
        Has a voice-design model speak TEXT once in the voice that is described, and clones that.
  list [--json]
        Shows the voices and the consents, newest first.
  try ID|NAME [TEXT] [--model ID] [--language L] [--out FILE] [--play]
        Speaks with a voice: TEXT, or a sentence in its language. It is played, unless there is a FILE to write.
  rename ID|NAME NEW
  remove ID|NAME
        Takes a voice away for good. With the id of a consent, that; voices that were made with it stay.

Environment: VOICES_DIR (where they are kept, at present ${readVoicesDirectory(process.env)}), and as of npm run speak ENGINE,
DEVICE and MODELS_DIR: voices are made by Base models.
`;

const stop = listenForStop();

await runCommand(
  {
    async add(args) {
      const options = readAddOptions(args);
      await untilStopped(async () => (await import("./voice/make.ts")).add(options, stop.signal));
    },
    async design(args) {
      const fields = readDesignOptions(args);
      await untilStopped(async () => (await import("./voice/make.ts")).design(fields, stop.signal));
    },
    async try(args) {
      const options = readTryOptions(args);
      await untilStopped(async () =>
        (await import("./voice/try.ts")).tryVoice(options, stop.signal),
      );
    },
    list,
    rename,
    remove,
  },
  help,
);
stop.release();

async function untilStopped(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    throw new Error(stop.signal.aborted ? "Interrupted." : explain(cause), { cause });
  }
}
