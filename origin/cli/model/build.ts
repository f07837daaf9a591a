import { buildPack } from "../../model/pack/build-pack.ts";
import { modelsDirectory } from "../../model/pack/models-directory.ts";
import { readOptions } from "../read-options.ts";
import { packChoice, packOptions } from "./pack-options.ts";

/** `model build DIR`: builds a checkpoint into a pack. */
export async function build(args: string[]): Promise<void> {
  const { values, positionals } = readOptions({
    args,
    allowPositionals: true,
    options: packOptions,
  });
  const [folder, ...others] = positionals;
  if (!folder || others.length > 0) throw new Error("build takes one folder: build DIR");
  const target = await buildPack({
    folder,
    ...packChoice(values),
    modelsDirectory: modelsDirectory(),
    onProgress: (step) => process.stderr.write(`${step}\n`),
  });
  process.stdout.write(`${target}\n`);
}
