import {
  createApiKey,
  defaultScopes,
  digestOfKey,
  idOfDigest,
  type KeyRecord,
} from "../../shared/api-key.ts";
import { createCatalogue } from "../../shared/catalogue.ts";
import { openKeyNamespace, type StoredKey } from "./key/key-namespace.ts";
import { help, readCreateOptions, readTargetOptions, unixSeconds } from "./key/options.ts";
import { runCommand } from "./run-command.ts";

await runCommand({ create, list, revoke }, help);

/** The key goes to standard output alone, so that a script can take it from there. */
async function create(args: string[]): Promise<void> {
  const { target, printSecret, fields } = readCreateOptions(
    args,
    new Date(),
    createCatalogue(process.env),
  );
  const key = await createApiKey();
  const sha256 = await digestOfKey(key);
  const record: KeyRecord = { id: idOfDigest(sha256), sha256, ...fields };
  if (printSecret) {
    process.stdout.write(`${key}\n${JSON.stringify(record)}\n`);
    process.stderr.write("Kept nowhere: put the record into the JSON list of API_KEYS.\n");
    return;
  }
  await openKeyNamespace(target).put(record);
  process.stdout.write(`${key}\n`);
  process.stderr.write(`The key ${record.id}. It is not shown again.\n`);
}

async function list(args: string[]): Promise<void> {
  const { target, ids } = readTargetOptions(args);
  if (ids.length > 0) throw new Error("list takes options only");
  const keys = await openKeyNamespace(target).list();
  if (keys.length === 0) process.stderr.write("There are no keys.\n");
  for (const key of keys) process.stdout.write(`${describe(key)}\n`);
}

async function revoke(args: string[]): Promise<void> {
  const { target, ids } = readTargetOptions(args);
  const [id, ...others] = ids;
  if (!id || others.length > 0) throw new Error("revoke takes one key: revoke ID");
  const namespace = openKeyNamespace(target);
  const found = await namespace.list(id);
  const record = found.find((key) => key.record?.id === id)?.record;
  if (!record) throw new Error(`There is no key ${id}; see npm run key -- list`);
  await namespace.put({ revoked_at: unixSeconds(new Date()), ...record });
  process.stderr.write(
    `The key ${id} is revoked. Within about a minute it is refused everywhere.\n`,
  );
}

function describe({ name, record }: StoredKey): string {
  if (!record) return `${name}  unreadable`;
  const { id, created_at, expires_at, revoked_at, requests_per_minute, characters_per_day } =
    record;
  const isExpired = expires_at !== undefined && expires_at <= unixSeconds(new Date());
  const state = revoked_at !== undefined ? "revoked" : isExpired ? "expired" : "active";
  return [
    id,
    state.padEnd("revoked".length),
    `created ${dateOf(created_at)}`,
    `expires ${expires_at === undefined ? "never" : dateOf(expires_at)}`,
    `scopes ${(record.scopes ?? defaultScopes).join(",")}`,
    `models ${record.models?.join(",") ?? "all"}`,
    `requests/minute ${requests_per_minute ?? "unlimited"}`,
    `characters/day ${characters_per_day ?? "unlimited"}`,
    // The user's own words, and so at the end.
    ...(record.name === undefined ? [] : [`name ${record.name}`]),
  ].join("  ");
}

/** The day, in UTC. */
function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
