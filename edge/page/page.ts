import { askHealth, type Health } from "./api.ts";
import { fillLists, isEngineKnown, refreshModels, refreshVoices, tellsWords } from "./catalogue.ts";
import { connectDialogue } from "./dialogue.ts";
import { element } from "./elements.ts";
import { clearRefusals, keepFormCurrent, readFields, showRefusal } from "./form.ts";
import { remember, retell } from "./history.ts";
import { askForKey, currentKey, keepKey } from "./key.ts";
import { type Listening, listen } from "./listen.ts";
import { connectMaking } from "./make-voice.ts";
import { connectOwnVoices } from "./own-voices.ts";
import { connectPlayer, load, pausePlayer, playerEvents, showTake } from "./player.ts";
import { connectPreview, stopPreview } from "./preview.ts";
import { showSnippets } from "./snippets.ts";
import { inMilliseconds } from "./take.ts";

const form = element("speech", HTMLFormElement);
const speakButton = element("speak", HTMLButtonElement);
const status = element("status", HTMLElement);

/** An edge asks its origins about their models behind the first answer. */
const engineLookMs = 1500;

let speaking: AbortController | undefined;
/** Of the takes so far. */
let count = 0;

/** Has the text spoken and heard; a text that is being spoken is stopped. */
async function speak(newTake: boolean): Promise<void> {
  const leaving = new AbortController();
  speaking = leaving;
  pausePlayer();
  stopPreview();
  clearRefusals();
  showSpeaking(true);
  let listening: Listening | undefined;
  try {
    const fields = readFields();
    const timestamps = tellsWords(fields) ? "word" : "segment";
    const options = { key: currentKey(), signal: leaving.signal, newTake, timestamps } as const;
    listening = await listen(fields, options, {
      ...playerEvents,
      grown(take) {
        showTake(take);
        // What comes at once is whole before it is heard.
        retell(take);
      },
      started: () => say(`First sound after ${inMilliseconds(listening?.take.firstSoundMs ?? 0)}.`),
      failed: (reason) => showRefusal(new Error(reason)),
    });
    const { take, playback, whole } = listening;
    take.number = ++count;
    load(take, playback);
    await whole;
    remember(take);
    say(`All of it is here: ${take.peaks.seconds.toFixed(1)} seconds.`);
    if (!isEngineKnown()) await refreshModels();
  } catch (cause) {
    if (leaving.signal.aborted) {
      listening?.playback.pause();
      say("Stopped.");
    } else {
      showRefusal(cause);
    }
  } finally {
    speaking = undefined;
    showSpeaking(false);
  }
}

function showSpeaking(isOn: boolean): void {
  speakButton.textContent = isOn ? "Stop" : "Speak";
  speakButton.classList.toggle("stopping", isOn);
  element("another", HTMLButtonElement).disabled = isOn;
  if (isOn) say("Speaking.");
}

function say(words: string): void {
  status.textContent = words;
}

function showHealth({
  status: state,
  auth,
  origins,
  engines,
}: Health & { engines?: unknown }): void {
  const ready = origins?.filter((origin) => origin.state === "ready").length ?? 0;
  const words = origins
    ? `${state === "ok" ? "Ready" : "No origin is ready"}: ${ready} of ${origins.length} ${origins.length === 1 ? "origin" : "origins"}${auth === "open" ? ", open to anybody" : ""}`
    : engines
      ? "Ready: an origin by itself, without an edge"
      : "This server is not set up well";
  const place = element("health", HTMLElement);
  place.textContent = words;
  place.dataset.state = state ?? "unknown";
}

async function begin(): Promise<void> {
  keepKey();
  connectDialogue();
  keepFormCurrent();
  connectPlayer();
  connectPreview();
  connectOwnVoices();
  connectMaking();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (speaking) speaking.abort();
    else void speak(false);
  });
  element("another", HTMLButtonElement).addEventListener("click", () => void speak(true));
  element("text-field", HTMLElement).addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  const [health] = await Promise.all([askHealth(), fillLists()]);
  askForKey(health);
  if (currentKey()) await refreshVoices();
  element("key", HTMLInputElement).addEventListener("change", () => {
    refreshVoices().catch(showRefusal);
  });
  showHealth(health);
  showSnippets();
  if (isEngineKnown()) return;
  await new Promise((resolve) => setTimeout(resolve, engineLookMs));
  await refreshModels();
}

begin().catch(showRefusal);
