import type { AudioFormat } from "../../shared/formats.ts";
import { type SpeechFields, toRefusal } from "./api.ts";
import { isDialogue, readTurns, writeTurns } from "./dialogue.ts";
import { element, tell } from "./elements.ts";
import { textOf } from "./take.ts";

const form = element("speech", HTMLFormElement);
const input = element("input", HTMLTextAreaElement);
const model = element("model", HTMLSelectElement);
const voice = element("voice", HTMLSelectElement);
const language = element("language", HTMLSelectElement);
const instructions = element("instructions", HTMLTextAreaElement);
const speed = element("speed", HTMLInputElement);
const format = element("format", HTMLSelectElement);
const seed = element("seed", HTMLInputElement);
const markup = element("markup", HTMLSelectElement);

/** As the API counts. */
const maxCharacters = 4096;

/** Other names that the API has for a field of the form. */
const fieldsByParam: Readonly<Record<string, string>> = { lang_code: "language", text: "input" };

/** What the form asks for. What is left as it is by default is left out. Nothing is judged: the server does that. */
export function readFields(): SpeechFields {
  return {
    model: model.value,
    ...(isDialogue()
      ? { input: readTurns() }
      : { input: input.value, ...(voice.value ? { voice: voice.value } : {}) }),
    ...(instructions.value.trim() ? { instructions: instructions.value } : {}),
    response_format: format.value as AudioFormat,
    ...(speed.valueAsNumber === 1 ? {} : { speed: speed.valueAsNumber }),
    ...(language.value === "auto" ? {} : { language: language.value }),
    // A document of SSML has its own, and turns are read as they are.
    ...(markup.value === "none" || isDialogue() || isSsml(input.value)
      ? {}
      : { markup: markup.value }),
    ...(seed.value.trim() ? { seed: readSeed(seed.value.trim()) } : {}),
  };
}

function isSsml(text: string): boolean {
  return /^\s*<(?:speak[\s/>]|\?xml\s)/.test(text);
}

function readSeed(text: string): number | string {
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

/** Fills the form in with what was asked for before. */
export function writeFields(fields: SpeechFields): void {
  model.value = fields.model;
  // The voices are the model's.
  model.dispatchEvent(new Event("change", { bubbles: true }));
  writeTurns(typeof fields.input === "string" ? undefined : fields.input);
  if (typeof fields.input === "string") {
    input.value = fields.input;
    voice.value = fields.voice ?? "";
  }
  language.value = fields.language ?? "auto";
  instructions.value = fields.instructions ?? "";
  format.value = fields.response_format;
  speed.valueAsNumber = fields.speed ?? 1;
  markup.value = fields.markup ?? "none";
  seed.value = fields.seed === undefined ? "" : String(fields.seed);
  voice.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Calls `changed` now and whenever what the form asks for changes. */
export function whenChanged(changed: () => void): void {
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  changed();
}

/** Says what the server would not take, beside the field that it names, or below the buttons where there is none. */
export function showRefusal(cause: unknown): void {
  const { message, param, status } = toRefusal(cause);
  const name = param === null ? keyField(status) : (fieldsByParam[param] ?? param);
  const field = form.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`);
  const place = field?.querySelector<HTMLElement>(".error");
  if (!field || !place) {
    tell(element("general-error", HTMLElement), message);
    return;
  }
  field.hidden = false;
  const controls = field.querySelectorAll<HTMLElement>("textarea, select, input[name]");
  const control = [...controls].find((one) => one.checkVisibility());
  tell(place, message);
  control?.setAttribute("aria-invalid", "true");
  control?.focus();
}

/** What is wrong with a key has no field in the API, and one here. */
function keyField(status: number): string {
  return status === 401 || status === 403 ? "key" : "";
}

export function clearRefusals(): void {
  for (const place of form.querySelectorAll<HTMLElement>(".error")) tell(place, "");
  for (const control of form.querySelectorAll("[aria-invalid]")) {
    control.removeAttribute("aria-invalid");
  }
}

/** Counts the text as the server does, in code points, shows the speed, and takes an error back when its field changes. */
export function keepFormCurrent(): void {
  const counter = element("input-count", HTMLElement);
  const shownSpeed = element("speed-value", HTMLOutputElement);
  whenChanged(() => {
    const characters = [...textOf(readFields()).normalize("NFC")].length;
    counter.textContent = `${characters.toLocaleString("en")} of ${maxCharacters.toLocaleString("en")} characters`;
    counter.classList.toggle("over", characters > maxCharacters);
    shownSpeed.value = `${speed.valueAsNumber.toFixed(2)}×`;
    speed.setAttribute("aria-valuetext", `${speed.valueAsNumber.toFixed(2)} times`);
  });
  form.addEventListener("input", ({ target }) => {
    const control = target instanceof HTMLElement ? target : undefined;
    const place = control?.closest("[data-field]")?.querySelector<HTMLElement>(".error");
    if (!control || !place) return;
    control.removeAttribute("aria-invalid");
    tell(place, "");
  });
}
