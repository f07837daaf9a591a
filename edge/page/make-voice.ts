import { type Language, languages, languageTags } from "../../shared/languages.ts";
import type { ConsentRecord, KeptVoiceAnswer } from "../../shared/voices/voice-record.ts";
import { ask, Refusal, toRefusal } from "./api.ts";
import { refreshVoices } from "./catalogue.ts";
import { consentSentences } from "./consent-sentences.ts";
import { element, tell, within } from "./elements.ts";
import { currentKey } from "./key.ts";
import { createRecorder, type Recorder } from "./recorder.ts";

const cloneForm = element("clone-form", HTMLFormElement);
const designForm = element("design-form", HTMLFormElement);
const language = element("clone-language", HTMLSelectElement);
const status = element("voices-status", HTMLElement);

/** A consent that has been given, of a recording of which no voice has come yet. */
let given: { recording: Blob; id: string } | undefined;

/** Has the two forms make voices. */
export function connectMaking(): void {
  language.replaceChildren(
    ...languages.map(
      (name) => new Option(name.charAt(0).toUpperCase() + name.slice(1), languageTags[name]),
    ),
  );
  language.value = "en";
  const sentence = element("consent-sentence", HTMLQuoteElement);
  const showSentence = () => {
    sentence.lang = language.value;
    sentence.textContent = consentSentences[chosenLanguage()];
  };
  language.addEventListener("change", showSentence);
  showSentence();

  const recorderAt = (id: string, field: string, what: string) =>
    createRecorder(element(id, HTMLElement), what, (reason) => {
      tell(within(cloneForm, `[data-field="${field}"] .error`, HTMLElement), reason);
    });
  const consent = recorderAt("consent-recorder", "recording", "consent");
  const sample = recorderAt("sample-recorder", "audio_sample", "voice");
  connectForm(
    cloneForm,
    (signal) => clone(consent, sample, signal),
    () => {
      for (const recorder of [consent, sample]) recorder.discard();
    },
  );
  connectForm(designForm, design, () => {});
  for (const id of ["clone", "design"]) {
    const details = element(id, HTMLDetailsElement);
    details.addEventListener("toggle", () => {
      if (details.open) void lookWhetherKept(details);
    });
  }
}

function chosenLanguage(): Language {
  return languages.find((name) => languageTags[name] === language.value) ?? "english";
}

async function clone(
  consent: Recorder,
  sample: Recorder,
  signal: AbortSignal,
): Promise<KeptVoiceAnswer> {
  const fields = new FormData(cloneForm);
  const name = String(fields.get("name"));
  if (!name.trim()) throw new Refusal(400, "Name is required.", "name");
  if (!consent.file) throw new Refusal(400, "A recording of the consent is required.", "recording");
  if (!sample.file) throw new Refusal(400, "A recording of the voice is required.", "audio_sample");
  // One that was given for a voice that was refused stands.
  if (given?.recording !== consent.file) {
    say("Hearing the consent.");
    const agreed = { name: `${name}, ${new Date().toISOString()}`, language: language.value };
    const answer = await post("voice_consents", { ...agreed, recording: consent.file }, signal);
    given = { recording: consent.file, id: ((await answer.json()) as ConsentRecord).id };
  }
  say("Making the voice.");
  fields.set("type", "audio_sample");
  fields.set("consent", given.id);
  fields.set("audio_sample", sample.file);
  if (!String(fields.get("ref_text")).trim()) fields.delete("ref_text");
  const answer = await post("voices", fields, signal);
  given = undefined;
  return (await answer.json()) as KeptVoiceAnswer;
}

async function design(signal: AbortSignal): Promise<KeptVoiceAnswer> {
  say("Making the voice.");
  const fields = new FormData(designForm);
  fields.set("type", "prompt");
  if (!String(fields.get("script_hint")).trim()) fields.delete("script_hint");
  const answer = await post("voices", fields, signal);
  return (await answer.json()) as KeptVoiceAnswer;
}

function post(
  path: string,
  fields: FormData | Record<string, string | Blob>,
  signal: AbortSignal,
): Promise<Response> {
  const body = fields instanceof FormData ? fields : new FormData();
  if (!(fields instanceof FormData)) {
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
  }
  return ask(path, { method: "POST", key: currentKey(), body, signal });
}

/** Has a form make what it is for, show what is wrong beside the fields, and be stopped by the button that sent it. */
function connectForm(
  form: HTMLFormElement,
  make: (signal: AbortSignal) => Promise<KeptVoiceAnswer>,
  clear: () => void,
): void {
  const button = within(form, "[type=submit]", HTMLButtonElement);
  const label = button.textContent ?? "";
  let making: AbortController | undefined;

  async function send(): Promise<void> {
    making = new AbortController();
    clearErrors(form);
    button.textContent = "Stop";
    button.classList.add("stopping");
    form.setAttribute("aria-busy", "true");
    try {
      const { name } = await make(making.signal);
      form.reset();
      if (form === cloneForm) language.dispatchEvent(new Event("change"));
      clear();
      await refreshVoices();
      say(`The voice ${name} is made.`);
    } catch (cause) {
      if (making.signal.aborted) say("Stopped.");
      else showError(form, cause);
    } finally {
      making = undefined;
      button.textContent = label;
      button.classList.remove("stopping");
      form.removeAttribute("aria-busy");
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (making) making.abort();
    else void send();
  });
  form.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    target.removeAttribute("aria-invalid");
    const place = target.closest("[data-field]")?.querySelector<HTMLElement>(".error");
    if (place) tell(place, "");
  });
}

function clearErrors(form: HTMLFormElement): void {
  for (const place of form.querySelectorAll<HTMLElement>(".error")) tell(place, "");
  for (const control of form.querySelectorAll("[aria-invalid]")) {
    control.removeAttribute("aria-invalid");
  }
}

function showError(form: HTMLFormElement, cause: unknown): void {
  say("");
  const { message, param } = toRefusal(cause);
  const field = param === null ? null : form.querySelector(`[data-field="${CSS.escape(param)}"]`);
  const place = field?.querySelector<HTMLElement>(".error");
  tell(place ?? within(form, "[data-general]", HTMLElement), message);
  if (!field || !place) return;
  const controls = field.querySelectorAll<HTMLElement>("input, textarea, select, button");
  const control = [...controls].find((one) => one.checkVisibility());
  if (control?.matches("[name]")) control.setAttribute("aria-invalid", "true");
  control?.focus();
}

/** Says so at once where this server keeps no voices, or not for this key. */
async function lookWhetherKept(details: HTMLDetailsElement): Promise<void> {
  const place = within(details, "[data-unkept]", HTMLElement);
  const form = within(details, "form", HTMLFormElement);
  try {
    await ask("voice_consents", { key: currentKey() });
    tell(place, "");
  } catch (cause) {
    const { status, code, message } = toRefusal(cause);
    const isHopeless = code === "voices_not_kept" || status === 403;
    tell(place, isHopeless || status === 401 ? message : "");
    form.hidden = isHopeless;
    return;
  }
  form.hidden = false;
}

function say(words: string): void {
  status.textContent = words;
}
