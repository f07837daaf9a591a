import { languageTags, parseLanguage } from "../../../shared/languages.ts";
import { samples } from "../../../shared/samples.ts";
import { readSpeakOptions } from "../speak/options.ts";
import { speakText } from "../speak/speak-text.ts";
import { findVoice } from "./manage.ts";
import type { TryOptions } from "./options.ts";

/** `voice try`: speaks with a kept voice as `npm run speak` does. Throws an Error fit for the user. */
export async function tryVoice(asked: TryOptions, signal: AbortSignal): Promise<void> {
  const voice = await findVoice(asked.voice);
  const named = asked.language === undefined ? undefined : parseLanguage(asked.language);
  const known = named === undefined || named === "auto" ? voice.language : named;
  const language = asked.language ?? (voice.language && languageTags[voice.language]);
  const options = readSpeakOptions([
    `--voice=${voice.id}`,
    `--model=${asked.model ?? voice.models[0] ?? ""}`,
    ...(language === null ? [] : [`--language=${language}`]),
    ...(asked.out === undefined ? [] : [`--out=${asked.out}`]),
    ...(asked.play ? ["--play"] : []),
  ]);
  const input = asked.text ?? samples[known ?? "english"];
  await speakText(options, { ...options.fields, input }, signal);
}
