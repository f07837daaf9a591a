import { type Catalogue, withKeptVoices } from "../../../shared/catalogue.ts";
import { namedVoices } from "../../../shared/voices/named-voices.ts";
import { readCatalogue, readVoicesDirectory } from "../../settings.ts";
import { openVoiceStore, type VoiceStore } from "../../voices/voice-store.ts";

/** The voices that this machine keeps. What cannot be read of them is told on standard error. */
export function openOwnVoices(directory = readVoicesDirectory(process.env)): VoiceStore {
  return openVoiceStore(directory, {
    error({ file, err }, message) {
      const reason = err instanceof SyntaxError ? "it is no JSON" : "it is no such record";
      process.stderr.write(`${file}: ${message}: ${reason}\n`);
    },
  });
}

/**
 * The names that a request, or a job, may use: those of the settings, and the kept voices that it names, no others, so that no other
 * one changes what has been begun. Throws a SettingsError.
 */
export async function readNames(body: unknown): Promise<Catalogue> {
  const catalogue = readCatalogue(process.env);
  const names = namedVoices(body, catalogue);
  if (names.length === 0) return catalogue;
  const { book } = openOwnVoices();
  const found = await Promise.all(names.map((name) => book.findVoice(name)));
  const kept = found.flatMap((voice) => {
    if (!voice) return [];
    const { id, name, digest, models } = voice;
    return [{ id, name, digest, models }];
  });
  return withKeptVoices(catalogue, kept);
}
