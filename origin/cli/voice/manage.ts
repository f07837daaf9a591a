import { ApiError } from "../../../shared/api-error.ts";
import { notKept } from "../../../shared/voices/keep-voice.ts";
import { readVoiceName } from "../../../shared/voices/voice-order.ts";
import {
  type ConsentRecord,
  consentIdPattern,
  type VoiceRecord,
} from "../../../shared/voices/voice-record.ts";
import { readCatalogue } from "../../settings.ts";
import { readOptions } from "../read-options.ts";
import { openOwnVoices } from "../speak/names.ts";
import { requireOperands } from "./options.ts";

/** `voice list`: a line for each voice, and below them for each consent; or all that is known, as JSON. */
export async function list(args: string[]): Promise<void> {
  const { values } = readOptions({ args, options: { json: { type: "boolean", default: false } } });
  const { book } = openOwnVoices();
  const [voices, consents] = await Promise.all([book.listVoices(), book.listConsents()]);
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ voices, consents }, null, 2)}\n`);
    return;
  }
  if (voices.length + consents.length === 0) process.stderr.write("There are no voices.\n");
  for (const voice of voices) process.stdout.write(`${describeVoice(voice)}\n`);
  for (const consent of consents) process.stdout.write(`${describeConsent(consent)}\n`);
}

/** `voice remove`: a voice, or a consent. */
export async function remove(args: string[]): Promise<void> {
  const { positionals } = readOptions({ args, options: {}, allowPositionals: true });
  const [name] = requireOperands(positionals, ["ID|NAME"]);
  const { book } = openOwnVoices();
  if (consentIdPattern.test(name)) {
    const removed = await book.removeConsent(name);
    if (!removed) throw new Error(`There is no consent ${name}; see npm run voice -- list`);
    process.stderr.write(`The consent "${removed.name}" is removed.\n`);
    return;
  }
  const voice = await findVoice(name);
  await book.removeVoice(voice.id);
  process.stderr.write(`The voice "${voice.name}" is removed.\n`);
}

/** `voice rename`. */
export async function rename(args: string[]): Promise<void> {
  const { positionals } = readOptions({ args, options: {}, allowPositionals: true });
  const [before, after] = requireOperands(positionals, ["ID|NAME", "NEW"]);
  const { id } = await findVoice(before);
  const name = readVoiceName(after, readCatalogue(process.env));
  const renamed = await openOwnVoices().book.renameVoice(id, name);
  if (typeof renamed === "string") throw notKept(renamed, name);
  if (!renamed) throw noVoice(before);
  process.stderr.write(`It is called "${renamed.name}".\n`);
}

/** By its id or its name. Throws an Error fit for the user. */
export async function findVoice(name: string): Promise<VoiceRecord> {
  const found = await openOwnVoices().book.findVoice(name);
  if (!found) throw noVoice(name);
  return found;
}

function noVoice(name: string): Error {
  const isPreset = readCatalogue(process.env).findVoice(name) !== undefined;
  const what = isPreset
    ? `${JSON.stringify(name)} is a preset`
    : `There is no voice ${JSON.stringify(name)}`;
  return new Error(`${what}; npm run voice -- list shows those that are kept here`);
}

/** What is said of a voice in one line. */
export function describeVoice(voice: VoiceRecord): string {
  const { id, name, type, models, seconds, language, has_reference } = voice;
  const how =
    type === "prompt" ? "designed" : has_reference ? "cloned with its words" : "cloned by x-vector";
  const facts = [how, `${seconds.toFixed(1)} s`, ...(language ? [language] : []), dayOf(voice)];
  return `${name}  ${id}  ${facts.join(", ")}, for ${models.join(" and ")}`;
}

function describeConsent(consent: ConsentRecord): string {
  const { id, name, language, seconds } = consent;
  return `${name}  ${id}  consent, ${seconds.toFixed(1)} s, ${language}, ${dayOf(consent)}`;
}

function dayOf({ created_at }: { created_at: number }): string {
  return new Date(created_at * 1000).toISOString().slice(0, 10);
}

/** What a user is told of a field that they know by another name. */
export function inWords(cause: unknown, names: Readonly<Record<string, string>>): unknown {
  if (!(cause instanceof ApiError) || cause.param === null) return cause;
  const name = Object.hasOwn(names, cause.param) ? names[cause.param] : undefined;
  if (name === undefined) return cause;
  const { message, param } = cause;
  const told = message.startsWith(param) ? message.slice(param.length) : `: ${message}`;
  return new Error(`${name}${told}`, { cause });
}
