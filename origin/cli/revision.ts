import * as z from "zod";
import {
  type RevisionRecord,
  revisionKey,
  revisionKeyPrefix,
  revisionRecordSchema,
  spokenModelsSchema,
} from "../../shared/model-revision.ts";
import { type ModelId, nativeModelIds } from "../../shared/models.ts";
import { openNamespace, targetHelp, targetOf, targetOptions } from "./kv-namespace.ts";
import { readOptions } from "./read-options.ts";
import { runCommand } from "./run-command.ts";

const help = `Usage: npm run revision -- COMMAND [OPTION ...]

Which revision of each model the edge looks for in its cache.

  publish      Sets it to what an origin speaks, whether or not it is loaded there, at once and not only when a new
               file is spoken. A newer revision that another origin still speaks takes over again with its next answer.
    --origin URL            the origin to ask (default http://127.0.0.1:8880)
    --model ID              this model alone, by its native id
  show         Shows what is set.

Revisions are kept in the KV namespace AUDIO:
${targetHelp}
`;

await runCommand({ publish, show }, help);

async function publish(args: string[]): Promise<void> {
  const { values } = readOptions({
    args,
    options: {
      ...targetOptions,
      origin: { type: "string", default: "http://127.0.0.1:8880" },
      model: { type: "string" },
    },
  });
  const { model } = values;
  if (model !== undefined && !nativeModelIds.some((id) => id === model)) {
    throw new Error(`--model must be one of ${nativeModelIds.join(", ")}`);
  }
  const namespace = openNamespace("AUDIO", targetOf(values));
  const spoken = Object.entries(await askOrigin(values.origin)).filter(
    ([id]) => model === undefined || id === model,
  );
  if (spoken.length === 0) {
    throw new Error(`The origin ${values.origin} does not speak ${model ?? "any model"}.`);
  }
  for (const [id, { engine, ...record }] of spoken) {
    await namespace.put(revisionKey(id as ModelId), record);
    process.stdout.write(`${describe(id, record)}  ${engine}\n`);
  }
}

async function show(args: string[]): Promise<void> {
  const { values } = readOptions({ args, options: targetOptions });
  const found = await openNamespace("AUDIO", targetOf(values)).list(revisionKeyPrefix);
  if (found.length === 0) process.stderr.write("No revision is set.\n");
  for (const { name, metadata } of found) {
    const record = revisionRecordSchema.parse(metadata);
    process.stdout.write(`${describe(name.slice(revisionKeyPrefix.length), record)}\n`);
  }
}

async function askOrigin(origin: string) {
  try {
    const answer = await fetch(new URL("health", origin.endsWith("/") ? origin : `${origin}/`));
    return z.object({ models: spokenModelsSchema }).parse(await answer.json()).models;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new Error(`The origin ${origin} does not say what it speaks: ${reason}`, { cause });
  }
}

function describe(model: string, { revision, released_at }: RevisionRecord): string {
  return `${model}  ${revision}  released ${new Date(released_at * 1000).toISOString()}`;
}
