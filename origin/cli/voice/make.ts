import { readFile, stat } from "node:fs/promises";
import { ApiError } from "../../../shared/api-error.ts";
import { languageTags } from "../../../shared/languages.ts";
import { digestOfRecording, keepConsent, keepVoice } from "../../../shared/voices/keep-voice.ts";
import { foldVoiceName } from "../../../shared/voices/kept-voice.ts";
import type { VoiceBook, VoiceMaker } from "../../../shared/voices/voice-book.ts";
import {
  maxRecordingBytes,
  readVoiceOrder,
  type VoiceOrder,
} from "../../../shared/voices/voice-order.ts";
import { consentIdPattern, type VoiceRecord } from "../../../shared/voices/voice-record.ts";
import { createLogger } from "../../log.ts";
import { createMetrics } from "../../metrics.ts";
import { readCatalogue } from "../../settings.ts";
import { createAdmission } from "../../speech/admission.ts";
import { createVoiceMaker } from "../../speech/make-voice.ts";
import { openOwnVoices } from "../speak/names.ts";
import { patienceSeconds, startEngines } from "../speak/open-engine.ts";
import { userPath } from "../speak/user-path.ts";
import { describeVoice, inWords } from "./manage.ts";
import type { AddOptions, Fields } from "./options.ts";

/** The options by the fields that the API's rules name. */
const optionNames = {
  name: "--name",
  ref_text: "--ref-text",
  language: "--language",
  prompt: "DESCRIPTION",
  script_hint: "--script-hint",
};

/**
 * `voice add`: has the consent kept first, where it is a recording, and takes it back when no voice comes of it. Throws an Error
 * fit for the user.
 */
export async function add(
  { file, consent, fields }: AddOptions,
  signal: AbortSignal,
): Promise<void> {
  const names = { ...optionNames, audio_sample: file };
  const recording = await readRecordingFile(file);
  const agreed = consentIdPattern.test(consent) ? undefined : await readRecordingFile(consent);
  const body = { ...fields, type: "audio_sample", audio_sample: recording, consent };
  const order = readOrder(body, names);
  if (!agreed && !(await openOwnVoices().book.findConsent(consent))) {
    throw new Error(`There is no consent ${consent}; see npm run voice -- list`);
  }
  await making(async (book, maker) => {
    if (!agreed) return keepVoice(order, book, maker, signal);
    const given = await giveConsent(agreed, order, book, maker, signal).catch((cause: unknown) => {
      throw inWords(cause, { recording: consent });
    });
    try {
      return await keepVoice({ ...order, consent: given.id } as VoiceOrder, book, maker, signal);
    } catch (cause) {
      if (given.isNew) await book.removeConsent(given.id);
      throw cause;
    }
  }, names);
}

/** `voice design`. Throws an Error fit for the user. */
export async function design(fields: Fields, signal: AbortSignal): Promise<void> {
  const order = readOrder(fields, optionNames);
  await making((book, maker) => keepVoice(order, book, maker, signal), optionNames);
}

function readOrder(body: Record<string, unknown>, names: Readonly<Record<string, string>>) {
  try {
    return readVoiceOrder(body, readCatalogue(process.env));
  } catch (cause) {
    throw inWords(cause, names);
  }
}

/** Lends what voices are made with and kept in, and says what has been made. */
async function making(
  make: (book: VoiceBook, maker: VoiceMaker) => Promise<VoiceRecord>,
  names: Readonly<Record<string, string>>,
): Promise<void> {
  const { settings, engines, keyValueBytes } = startEngines();
  try {
    const { defaultLanguage, catalogue, lexicon, voicesDirectory } = settings;
    const admission = createAdmission({
      maxActive: 1,
      keyValueBytes,
      maxWaitSeconds: patienceSeconds,
    });
    const metrics = createMetrics(admission, engines);
    const services = { engines, admission, metrics, defaultLanguage, catalogue, lexicon };
    const maker = createVoiceMaker(services, createLogger("silent"));
    const record = await make(openOwnVoices(voicesDirectory).book, maker);
    process.stdout.write(`${describeVoice(record)}\n`);
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.code !== "model_not_loaded") {
      throw inWords(cause, names);
    }
    const commands = "npm run model -- pull 0.6b-base, and to design voices 1.7b-voice-design";
    throw new Error(`${cause.message}\n${commands}`, { cause });
  } finally {
    await engines.close();
  }
}

/** Keeps a recording as a consent, or finds that it is kept already. */
async function giveConsent(
  recording: Uint8Array,
  { name, language }: VoiceOrder,
  book: VoiceBook,
  maker: VoiceMaker,
  signal: AbortSignal,
): Promise<{ id: string; isNew: boolean }> {
  const kept = await book.listConsents();
  const digest = await digestOfRecording(recording);
  const same = kept.find(({ sha256 }) => sha256 === digest);
  if (same) return { id: same.id, isNew: false };
  const taken = new Set(kept.map((consent) => foldVoiceName(consent.name)));
  let free = name;
  for (let count = 2; taken.has(foldVoiceName(free)); count++) free = `${name} (${count})`;
  // BCP 47 has a tag for a language that nobody has told.
  const order = { name: free, language: language ? languageTags[language] : "und", recording };
  const { id } = await keepConsent(order, book, maker, signal);
  return { id, isNew: true };
}

/** Throws an Error fit for the user. */
async function readRecordingFile(path: string): Promise<Uint8Array> {
  const file = userPath(path);
  const facts = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "ENOENT" ? "there is no such file" : cause.code;
    throw new Error(`${path} cannot be read: ${reason}`, { cause });
  });
  if (!facts.isFile()) throw new Error(`${path} must be a recording; it is no file`);
  if (facts.size > maxRecordingBytes) {
    throw new Error(`${path} must have at most ${maxRecordingBytes} bytes; it has ${facts.size}`);
  }
  return readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`${path} cannot be read: ${cause.code}`, { cause });
  });
}
