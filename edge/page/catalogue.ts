import type { Model, Voice } from "../../shared/answers.ts";
import { formatNames } from "../../shared/formats.ts";
import { type Language, languages, languageTags } from "../../shared/languages.ts";
import { askModels, askVoices } from "./api.ts";
import { copyText, element } from "./elements.ts";
import { heardFormat } from "./listen.ts";
import { followsInstructions } from "./take.ts";

const modelSelect = element("model", HTMLSelectElement);
const voiceSelect = element("voice", HTMLSelectElement);
const languageSelect = element("language", HTMLSelectElement);
const formatSelect = element("format", HTMLSelectElement);
const instructions = element("instructions", HTMLTextAreaElement);

let models: Model[] = [];
let voices: Voice[] = [];

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
  [models, voices] = await Promise.all([askModels(), askVoices()]);
  modelSelect.replaceChildren(...models.map(({ id }) => new Option(id, id)));
  fillVoices();
  showChoice();
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

/** Whether the engine that speaks for the chosen model knows when it says each word. */
export function tellsWords(): boolean {
  return chosenModel()?.engine === "builtin";
}

function chosenModel(): Model | undefined {
  return models.find(({ id }) => id === modelSelect.value);
}

/** The language that the chosen voice speaks natively. */
export function nativeLanguage(): Language {
  const tag = voices.find(({ id }) => id === voiceSelect.value)?.language;
  return languages.find((name) => languageTags[name] === tag) ?? "english";
}

function fillVoices(): void {
  const before = voiceSelect.value;
  const taken = chosenModel()?.voices ?? [];
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
  ];
  voiceSelect.replaceChildren(...groups.filter(({ children }) => children.length > 0));
  voiceSelect.disabled = taken.length === 0;
  element("preview", HTMLButtonElement).disabled = taken.length === 0;
  if (taken.includes(before)) voiceSelect.value = before;
  showChoice();
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
  element("voice-hint", HTMLElement).textContent = voice
    ? voiceInWords(voice)
    : voicelessInWords(model);
  const follows = model === undefined || followsInstructions(model.resolved_model);
  element("instructions-hint", HTMLElement).textContent = follows
    ? ""
    : "This model does not follow any; the 1.7B ones do.";
  instructions.classList.toggle("ineffective", !follows);
  showFormat();
  showStandIn(model);
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

function voicelessInWords(model: Model | undefined): string {
  if (!model) return "";
  return model.voices.length === 0
    ? "This model takes cloned voices alone, and there are none here."
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
    `No Qwen3-TTS model is installed for ${model.id}, so ${who}. To hear Qwen3-TTS, run this where the origin runs. It downloads ${isLarge ? "4.5" : "2.5"} GB once, and the origin finds the model by itself.`;
  element("stand-in-command", HTMLElement).textContent = `npm run model -- pull ${model.id}`;
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
