import { precisions } from "../model/generate/precision.ts";
import { modelsDirectory } from "../model/pack/models-directory.ts";
import { build } from "./model/build.ts";
import { list } from "./model/list.ts";

const help = `Usage: npm run model -- COMMAND

  build DIR [--precision P] [--model ID] [--no-self-test]
        Builds a Qwen3-TTS checkpoint, in the layout of its official repository, into a pack the origin can load.
        P is ${Object.keys(precisions).join(", ")}; int8 unless said otherwise.
        ID is the model the pack answers for; unless given, the checkpoint's size and kind decide.
        The pack is then spoken with; one that fails this test, or does not end its sentences, is not served.
  list  Shows the installed packs.

Packs are kept in MODELS_DIR, at present ${modelsDirectory()}
`;

try {
  await run(process.argv.slice(2));
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : cause}\n`);
  process.exitCode = 1;
}

async function run([command, ...rest]: string[]): Promise<void> {
  switch (command) {
    case "build":
      return build(rest);
    case "list":
      return list();
    case undefined:
    case "help":
    case "--help":
      process.stdout.write(help);
      return;
    default:
      throw new Error(`There is no command ${command}.\n\n${help}`);
  }
}
