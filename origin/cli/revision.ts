import * as z from "zod";
import { type Fleet, fleetOf, hear, recordOf } from "../../shared/fleet.ts";
import {
  type ModelRevision,
  revisionKey,
  revisionKeyPrefix,
  revisionRecordSchema,
  spokenModelsSchema,
} from "../../shared/model-revision.ts";
import { nativeModelIds } from "../../shared/models.ts";
import { readCatalogue } from "../settings.ts";
import { openNamespace, targetHelp, targetOf, targetOptions } from "./kv-namespace.ts";
import { readModel } from "./read-model.ts";
import { readOptions } from "./read-options.ts";
import { runCommand } from "./run-command.ts";

const help = `Usage: npm run revision -- COMMAND [OPTION ...]

Which revision of each model the edge looks for in its cache.

  publish      Sets it to what the origins of a fleet speak, whether or not it is loaded there, at once and not only when
               a new file is spoken. Name all of them: in another precision or on another device they speak beside each
               other, and of the same the newest counts. What an origin speaks that was not named is noted again with its
               next answer, and where it is newer it takes over.
    --origin URL            an origin to ask (default http://127.0.0.1:8880); may be given several times
    --model ID              this model alone, by any name that the API takes
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
      origin: { type: "string", multiple: true, default: ["http://127.0.0.1:8880"] },
      model: { type: "string" },
    },
  });
  const { origin: origins } = values;
  const model =
    values.model === undefined ? undefined : readModel(values.model, readCatalogue(process.env));
  const namespace = openNamespace("AUDIO", targetOf(values));
  // All are asked before anything is set.
  const answers = await Promise.all(origins.map(askOrigin));
  const wanted = nativeModelIds.filter((id) => model === undefined || id === model);
  const spoken = wanted.filter((id) => answers.some((models) => models[id]));
  if (spoken.length === 0) {
    const who =
      origins.length === 1 ? `The origin ${origins[0]} does not speak` : "No origin speaks";
    throw new Error(`${who} ${model ?? "any model"}.`);
  }
  for (const id of spoken) {
    const builds = answers.flatMap((models) => models[id] ?? []);
    const record = recordOf(fleetThatSpeaks(builds));
    if (!record) continue;
    await namespace.put(revisionKey(id), record);
    for (const build of fleetOf(record)) {
      const engine = builds.find(({ revision }) => revision === build.revision)?.engine;
      process.stdout.write(`${describe(id, build)}  ${engine}\n`);
    }
  }
}

/** The fleet once all of these have been heard. */
function fleetThatSpeaks(builds: readonly ModelRevision[]): Fleet {
  const now = Math.floor(Date.now() / 1000);
  return builds.reduce<Fleet>((fleet, build) => hear(fleet, build, now) ?? fleet, []);
}

async function show(args: string[]): Promise<void> {
  const { values } = readOptions({ args, options: targetOptions });
  const found = await openNamespace("AUDIO", targetOf(values)).list(revisionKeyPrefix);
  if (found.length === 0) process.stderr.write("No revision is set.\n");
  for (const { name, metadata } of found) {
    for (const build of fleetOf(revisionRecordSchema.parse(metadata))) {
      process.stdout.write(`${describe(name.slice(revisionKeyPrefix.length), build)}\n`);
    }
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

function describe(model: string, { revision, released_at, variant }: ModelRevision): string {
  const released = new Date(released_at * 1000).toISOString();
  return [model, revision, `released ${released}`, ...(variant ? [variant] : [])].join("  ");
}
