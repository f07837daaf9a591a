import { shortNames } from "../download/find-repository.ts";
import { precisions } from "../model/generate/precision.ts";
import { modelsDirectory } from "../model/pack/models-directory.ts";
import { list } from "./model/list.ts";
import { runCommand } from "./run-command.ts";

const help = `Usage: npm run model -- COMMAND

  pull NAME [--precision P] [--model ID] [--no-self-test] [--revision R] [--no-build]
        Downloads a published checkpoint from the Hugging Face hub and builds it into a pack. What was interrupted goes
        on where it ended. NAME is one of
          ${shortNames.join("\n          ")}
        any other name that the API takes, such as tts-1, or any repository in the same layout, as owner/name.
        R is a branch, tag or commit; unless given, the published models have a pinned one, others "main".
        --no-build only downloads.
  build DIR [--precision P] [--model ID] [--no-self-test]
        Builds a Qwen3-TTS checkpoint, in the layout of its official repository, into a pack the origin can load.
        P is ${Object.keys(precisions).join(", ")}; unless given, what suits
        DEVICE: int8 on the CPU, float16 on GPUs.
        ID is the model the pack answers for; unless given, the checkpoint's size and kind decide.
        The pack is then spoken with; one that fails this test, or does not end its sentences, is not served.
  list  Shows the installed packs, and whether each is still what was built.

Environment: MODELS_DIR (where packs are kept, at present ${modelsDirectory()}),
HF_ENDPOINT (a mirror of the hub), HF_TOKEN (for private repositories).
`;

await runCommand(
  {
    // Loaded when it is run, so that what is wrong with ONNX Runtime is told like any other failure.
    pull: async (args) => (await import("./model/pull.ts")).pull(args),
    build: async (args) => (await import("./model/build.ts")).build(args),
    list,
  },
  help,
);
