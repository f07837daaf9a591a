import type { Model, Voice } from "../../shared/answers.ts";
import { formatNames } from "../../shared/formats.ts";
import { type Language, languages, languageTags } from "../../shared/languages.ts";
import { resolveModel, sibling } from "../../shared/models.ts";
import type { KeptVoiceAnswer } from "../../shared/voices/voice-record.ts";
import { askModels, askVoices, type SpeechFields } from "./api.ts";
import { copyText, element } from "./elements.ts";
import { currentKey } from "./key.ts";
import { heardFormat } from "./listen.ts";
import { followsInstructions } from "./take.ts";

const modelSelect = element("model", HTMLSelectElement);
const voiceSelect = element("voice", HTMLSelectElement);
const languageSelect = element("language", HTMLSelectElement);
const formatSelect = element("format", HTMLSelectElement);
const instructions = element("instructions", HTMLTextAreaElement);

let models: Model[] = [];
let voices: Voice[] = [];
/** Those that the key's owner keeps, newest first. */
let kept: KeptVoiceAnswer[] = [];
const listeners = new Set<() => void>();

/** Calls `changed` whenever the list of voices has been filled anew. */
export function whenVoicesChanged(changed: () => void): void {
  listeners.add(changed);
}

/** The voices that the key's owner keeps, newest first. */
export function keptVoices(): readonly KeptVoiceAnswer[] {
  return kept;
}

/** What a voice is called. */
export function nameOfVoice(id: string): string {
  return kept.find((voice) => voice.id === id)?.name ?? id;
}

/** Fills the lists of the form in. Rejects where the server does not tell its models and voices. */
export async function fillLists(): Promise<void> {
  languageSelect.replaceChildren(
    new Option("As the text is", "auto"),
    ...languages.map((name) => new Option(capitalized(name), languageTags[name])),
  );
  formatSelect.replaceChildren(...formatNames.map((name) => new Option(name.toUpperCase(), name)));
  for (const select of [modelSelect, voiceSelect, formatSelect]) {
    select.addEventListener("change", showChoice);
  }
  modelSelect.addEventListener("change", fillVoices);
  element("stand-in-copy", HTMLButtonElement).addEventListener("click", ({ currentTarget }) => {
    const command = element("stand-in-command", HTMLElement).textContent ?? "";
    if (currentTarget instanceof HTMLButtonElement) void copyText(command, currentTarget);
  });
  models = await askModels();
  await readVoices();
  modelSelect.replaceChildren(...models.map(({ id }) => new Option(id, id)));
  fillVoices();
  showChoice();
}

/** Asks again which voices there are, as whoever's key has been given now. */
export async function refreshVoices(): Promise<void> {
  await readVoices();
  fillVoices();
}

async function readVoices(): Promise<void> {
  const listed = await askVoices(currentKey());
  voices = listed.filter((voice) => voice.type === "preset");
  kept = listed.filter((voice) => voice.type !== "preset");
}

/** Asks again what speaks for each model, which an edge knows once an origin has told it. */
export async function refreshModels(): Promise<void> {
  models = await askModels();
  showChoice();
}

/** Whether an origin has told what speaks for the chosen model. */
export function isEngineKnown(): boolean {
  return chosenModel()?.engine !== undefined;
}

/**
 * Whether the engine that speaks for the chosen model knows when it says each word. With kept voices OpenAI's names mean
 * another model, for which nothing stands in.
 */
export function tellsWords({ voice, input }: Pick<SpeechFields, "voice" | "input">): boolean {
  const turns = typeof input === "string" ? [] : input;
  const named = [voice, ...turns.map((turn) => turn.voice)];
  return chosenModel()?.engine === "builtin" && !kept.some(({ id }) => named.includes(id));
}

function chosenModel(): Model | undefined {
  return models.find(({ id }) => id === modelSelect.value);
}

/** The language that the chosen voice speaks natively. */
export function nativeLanguage(): Language {
  const tag = voices.find(({ id }) => id === voiceSelect.value)?.language;
  return languages.find((name) => languageTags[name] === tag) ?? "english";
}

/** The kept voice that is chosen, if one is. */
export function chosenKeptVoice(): KeptVoiceAnswer | undefined {
  return kept.find(({ id }) => id === voiceSelect.value);
}

/** The models by which a model's name speaks with kept voices: OpenAI's mean the Base model of that size, too. */
function keptModelOf({ id, resolved_model }: Model): string {
  const named = resolveModel(id);
  return named?.isOpenAi ? sibling(named.native, "base") : (named?.native ?? resolved_model);
}

/** Of what speaks with the chosen voice. */
function speakingModel(): Model | undefined {
  const model = chosenModel();
  if (!model || !chosenKeptVoice()) return model;
  const base = models.find(({ id }) => id === keptModelOf(model));
  return base && { ...base, id: model.id };
}

function fillVoices(): void {
  const before = voiceSelect.value;
  const model = chosenModel();
  const taken = model?.voices ?? [];
  const speaking = model ? kept.filter(({ models: by }) => by.includes(keptModelOf(model))) : [];
  const known = taken.map((id) => voices.find((voice) => voice.id === id) ?? { id, name: id });
  const own = known.filter(({ id, name }) => id === name);
  const given = known.filter(({ id, name }) => id !== name);
  const groups = [
    group(
      "OpenAI’s names",
      given.map(({ id, name }) => new Option(`${id}: ${name.replace(/^.*\((.+)\)$/, "$1")}`, id)),
    ),
    group(
      "Qwen3-TTS’s own",
      own.map(({ id }) => new Option(id.replaceAll("_", " "), id)),
    ),
    group(
      "Your voices",
      speaking.map(({ id, name }) => new Option(name, id)),
    ),
  ];
  voiceSelect.replaceChildren(...groups.filter(({ children }) => children.length > 0));
  const ids = [...taken, ...speaking.map(({ id }) => id)];
  voiceSelect.disabled = ids.length === 0;
  element("preview", HTMLButtonElement).disabled = ids.length === 0;
  if (ids.includes(before)) voiceSelect.value = before;
  showChoice();
  for (const changed of listeners) changed();
}

function group(label: string, options: HTMLOptionElement[]): HTMLOptGroupElement {
  const made = document.createElement("optgroup");
  made.label = label;
  made.append(...options);
  return made;
}

/** Says below each list what has been chosen. */
function showChoice(): void {
  const model = chosenModel();
  const voice = voices.find(({ id }) => id === voiceSelect.value);
  element("model-hint", HTMLElement).textContent = model ? modelInWords(model) : "";
  const own = chosenKeptVoice();
  element("voice-hint", HTMLElement).textContent = voice
    ? voiceInWords(voice)
    : own && model
      ? keptInWords(own, keptModelOf(model))
      : voicelessInWords(model);
  const speaking = speakingModel();
  const follows = speaking === undefined || followsInstructions(speaking.resolved_model);
  element("instructions-hint", HTMLElement).textContent = follows
    ? ""
    : "This model does not follow any; the 1.7B ones do.";
  instructions.classList.toggle("ineffective", !follows);
  showFormat();
  showStandIn(speaking);
}

function showFormat(): void {
  const format = formatNames.find((name) => name === formatSelect.value) ?? "mp3";
  const heard = heardFormat(format);
  element("format-hint", HTMLElement).textContent =
    heard === format
      ? ""
      : `Browsers do not play ${format.toUpperCase()} as it arrives: you hear the same take as PCM, and Download fetches the file.`;
}

function modelInWords({ id, resolved_model, engine }: Model): string {
  const name = id === resolved_model ? "" : resolved_model;
  const state =
    engine === null ? "Nothing here speaks for it" : engine === "builtin" ? "not installed" : "";
  return [name, state].filter((part) => part !== "").join(", ");
}

function voiceInWords({ gender, language, description }: Voice): string {
  const name = languages.find((each) => languageTags[each] === language);
  return `${description}. ${capitalized(gender)}, native in ${capitalized(name ?? language)}.`;
}

/** What is told of a kept voice, and what speaks with it. */
export function keptInWords(
  { type, cloned_by, seconds, prompt }: KeptVoiceAnswer,
  model: string,
): string {
  const how =
    type === "prompt"
      ? `Designed: ${prompt ?? ""}`
      : cloned_by === "reference"
        ? `Cloned from ${seconds.toFixed(1)} s and what is said in them`
        : `Cloned from ${seconds.toFixed(1)} s`;
  return `${how.replace(/[.\s]+$/, "")}. Spoken by ${model}.`;
}

function voicelessInWords(model: Model | undefined): string {
  if (!model) return "";
  return model.voices.length === 0
    ? "This model takes voices of your own alone, and you have none yet: make one below."
    : "The instructions describe the voice.";
}

/** Says plainly when no model speaks, and how to get one. */
function showStandIn(model: Model | undefined): void {
  const notice = element("stand-in", HTMLElement);
  notice.hidden = model?.engine !== "builtin" && model?.engine !== null;
  if (!model || notice.hidden) return;
  const isLarge = model.resolved_model.includes("1.7b");
  const [title, who] =
    model.engine === "builtin"
      ? ["A stand-in is speaking", "espeak-ng, a robot’s voice, speaks in its place"]
      : ["Nothing speaks for this model", "nothing speaks in its place"];
  element("stand-in-title", HTMLElement).textContent = title;
  element("stand-in-text", HTMLElement).textContent =
    `No Qwen3-TTS model is installed for ${model.id}${chosenKeptVoice() ? " with voices of your own" : ""}, so ${who}. To hear Qwen3-TTS, run this where the origin runs. It downloads ${isLarge ? "4.5" : "2.5"} GB once, and the origin finds the model by itself.`;
  element("stand-in-command", HTMLElement).textContent =
    `npm run model -- pull ${chosenKeptVoice() ? model.resolved_model : model.id}`;
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
