import type { KeptVoiceAnswer } from "../../shared/voices/voice-record.ts";
import { ask, toRefusal } from "./api.ts";
import { keptInWords, keptVoices, refreshVoices, whenVoicesChanged } from "./catalogue.ts";
import { element, tell, within } from "./elements.ts";
import { currentKey } from "./key.ts";
import { pausePlayer } from "./player.ts";
import { hearKeptVoice, stopPreview } from "./preview.ts";

const list = element("own-voices", HTMLUListElement);
const template = element("own-voice", HTMLTemplateElement);
const status = element("voices-status", HTMLElement);
const failure = element("voices-error", HTMLElement);
const dialog = element("question", HTMLDialogElement);
const nameField = element("question-name", HTMLInputElement);
const yes = element("question-yes", HTMLButtonElement);
const dialogError = element("question-error", HTMLElement);

/** What the voice in question is to become of, once the answer is yes. */
let answered: ((name: string) => Promise<void>) | undefined;
let stopPlaying: (() => void) | undefined;

/** Lists the voices that the key's owner keeps, each to be heard, renamed and deleted. */
export function connectOwnVoices(): void {
  whenVoicesChanged(show);
  show();
  yes.addEventListener("click", () => void answer());
  element("question-no", HTMLButtonElement).addEventListener("click", () => dialog.close());
  nameField.addEventListener("keydown", (event) => {
    if (event.key === "Enter") void answer();
  });
}

function show(): void {
  stopPlaying?.();
  list.replaceChildren(...keptVoices().map(makeItem));
}

function makeItem(voice: KeptVoiceAnswer): HTMLLIElement {
  const { id, name, models } = voice;
  const fragment = document.importNode(template.content, true);
  const item = within(fragment, "li", HTMLLIElement);
  within(item, ".said", HTMLElement).textContent = name;
  within(item, ".how", HTMLElement).textContent = keptInWords(voice, models.join(" and "));
  const path = `voices/${encodeURIComponent(id)}`;
  const onClick = (what: string, act: (button: HTMLButtonElement) => void) => {
    const button = within(item, `[data-do="${what}"]`, HTMLButtonElement);
    button.setAttribute("aria-label", `${button.textContent} ${name}`);
    button.addEventListener("click", () => act(button));
  };
  onClick("play", (button) => {
    if (button.getAttribute("aria-pressed") === "true") stopPlaying?.();
    else void play(voice, button);
  });
  onClick("rename", () => {
    question({ title: `Rename ${name}`, text: "", yes: "Rename", name }, async (changed) => {
      const body = new FormData();
      body.set("name", changed);
      await ask(path, { method: "POST", key: currentKey(), body });
      await changedTo(`${name} is called ${changed.trim()}.`);
    });
  });
  onClick("delete", () => {
    const text = "It is gone for good, and so is what it has spoken from the cache.";
    question({ title: `Delete ${name}?`, text, yes: "Delete" }, async () => {
      await ask(path, { method: "DELETE", key: currentKey() });
      await changedTo(`${name} is deleted.`);
    });
  });
  return item;
}

async function play({ id, name }: KeptVoiceAnswer, button: HTMLButtonElement): Promise<void> {
  stopPlaying?.();
  stopPreview();
  pausePlayer();
  tell(failure, "");
  const leaving = new AbortController();
  const stop = () => leaving.abort();
  stopPlaying = stop;
  const tellState = (isOn: boolean) => {
    button.setAttribute("aria-pressed", String(isOn));
    button.textContent = isOn ? "Stop" : "Play";
    button.setAttribute("aria-label", `${button.textContent} ${name}`);
  };
  tellState(true);
  try {
    await hearKeptVoice(id, leaving.signal);
  } catch (cause) {
    if (!leaving.signal.aborted) tell(failure, toRefusal(cause).message);
  } finally {
    if (stopPlaying === stop) stopPlaying = undefined;
    tellState(false);
  }
}

interface Question {
  title: string;
  text: string;
  /** What the button says that means it. */
  yes: string;
  /** To be changed, where a name is asked for. */
  name?: string;
}

function question({ title, text, yes: label, name }: Question, act: typeof answered): void {
  answered = act;
  element("question-title", HTMLElement).textContent = title;
  tell(element("question-text", HTMLElement), text);
  tell(dialogError, "");
  yes.textContent = label;
  element("question-field", HTMLElement).hidden = name === undefined;
  nameField.value = name ?? "";
  dialog.showModal();
  if (name !== undefined) nameField.select();
  else element("question-no", HTMLButtonElement).focus();
}

async function answer(): Promise<void> {
  if (yes.disabled) return;
  yes.disabled = true;
  try {
    await answered?.(nameField.value);
    dialog.close();
  } catch (cause) {
    tell(dialogError, toRefusal(cause).message);
  } finally {
    yes.disabled = false;
  }
}

async function changedTo(words: string): Promise<void> {
  await refreshVoices();
  status.textContent = words;
}
