import type * as z from "zod";
import { defaultScopes, type KeyRecord, keyRecordSchema, scopes } from "../../../shared/api-key.ts";
import { type Catalogue, plainCatalogue } from "../../../shared/catalogue.ts";
import { modelIds } from "../../../shared/models.ts";
import { listEntries } from "../../settings.ts";
import { type NamespaceTarget, targetHelp, targetOf, targetOptions } from "../kv-namespace.ts";
import { readOptions } from "../read-options.ts";

export const help = `Usage: npm run key -- COMMAND [OPTION ...]

  create       Makes a key and shows it, this once; only its digest is kept.
    --name NAME             for you to know it by
    --expires TIME          30d or 12h from now, or a date such as 2027-01-31; never unless given
    --models ID,ID          the models it may use; all unless given
    --scopes NAME,NAME      of ${scopes.join(", ")}; ${defaultScopes.join(", ")}
                            unless given. With refresh, no-cache replaces what everybody hears
    --requests-per-minute N
    --characters-per-day N  of input, by days of UTC
    --print-secret          keeps nothing, and prints the record too, for the list in the secret API_KEYS
  list         Shows the keys that are kept, never themselves, and what each may do.
  revoke ID    Ends a key and its tokens, everywhere within about a minute.

Keys are kept in the KV namespace KEYS:
${targetHelp}
`;

/** Reads the command line of `list` and `revoke ID`. Throws an Error fit for the user. */
export function readTargetOptions(args: string[]): { target: NamespaceTarget; ids: string[] } {
  const { values, positionals } = readOptions({
    args,
    allowPositionals: true,
    options: targetOptions,
  });
  return { target: targetOf(values), ids: positionals };
}

export interface CreateOptions {
  target: NamespaceTarget;
  printSecret: boolean;
  /** What the record says beyond the key itself. */
  fields: Omit<KeyRecord, "id" | "sha256">;
}

/** Reads the command line of `create`. Throws an Error fit for the user. */
export function readCreateOptions(
  args: string[],
  now: Date,
  catalogue: Pick<Catalogue, "resolveModel"> = plainCatalogue,
): CreateOptions {
  const { values } = readOptions({
    args,
    options: {
      ...targetOptions,
      name: { type: "string" },
      expires: { type: "string" },
      models: { type: "string" },
      scopes: { type: "string" },
      "requests-per-minute": { type: "string" },
      "characters-per-day": { type: "string" },
      "print-secret": { type: "boolean", default: false },
    },
  });
  /** A record is read where an operator's own names may be others. */
  const knownName = (name: string) =>
    plainCatalogue.resolveModel(name) ? name : (catalogue.resolveModel(name)?.native ?? name);
  const fields = keyRecordSchema.omit({ id: true, sha256: true }).safeParse({
    name: values.name,
    created_at: unixSeconds(now),
    expires_at: values.expires === undefined ? undefined : expiry(values.expires, now),
    models: values.models === undefined ? undefined : listEntries(values.models).map(knownName),
    scopes: values.scopes === undefined ? undefined : listEntries(values.scopes),
    requests_per_minute: toNumber(values["requests-per-minute"]),
    characters_per_day: toNumber(values["characters-per-day"]),
  });
  if (!fields.success) throw new Error(describe(fields.error, values));
  return { target: targetOf(values), printSecret: values["print-secret"], fields: fields.data };
}

export function unixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

/** In Unix seconds. */
function expiry(text: string, now: Date): number {
  const [, count, unit] = /^(\d+)([dh])$/.exec(text) ?? [];
  const hours = unit === "d" ? 24 : 1;
  const time = count
    ? new Date(now.getTime() + Number(count) * hours * 60 * 60 * 1000)
    : new Date(/^\d{4}-\d\d-\d\d/.test(text) ? text : Number.NaN);
  if (!(time > now)) {
    throw new Error(
      `--expires must be as 30d or 12h, or a date to come; it is ${JSON.stringify(text)}.`,
    );
  }
  return unixSeconds(time);
}

const rules: Record<string, string> = {
  name: "must have 1 to 64 characters",
  models: `must be some of ${modelIds.join(", ")}, separated by commas`,
  scopes: `must be some of ${scopes.join(", ")}, separated by commas`,
  "requests-per-minute": "must be a whole number of at least 1",
  "characters-per-day": "must be a whole number of at least 1",
};

/** A sentence for each option at fault. */
function describe(error: z.ZodError, values: Readonly<Record<string, unknown>>): string {
  const names = error.issues.map(({ path }) => String(path[0]).replaceAll("_", "-"));
  return [...new Set(names)]
    .map(
      (name) =>
        `--${name} ${rules[name] ?? "is not valid"}; it is ${JSON.stringify(values[name])}.`,
    )
    .join("\n");
}

function toNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
