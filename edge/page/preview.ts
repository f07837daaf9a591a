import { samples } from "../../shared/samples.ts";
import { ask, type SpeechFields } from "./api.ts";
import { chosenKeptVoice, nativeLanguage } from "./catalogue.ts";
import { playFile } from "./element-playback.ts";
import { element } from "./elements.ts";
import { clearRefusals, readFields, showRefusal } from "./form.ts";
import { currentKey } from "./key.ts";
import { type ListenEvents, type Listening, listen } from "./listen.ts";
import { isSounding, pausePlayer, whenPlayerChanged } from "./player.ts";

const button = element("preview", HTMLButtonElement);

let stop: (() => void) | undefined;

/** Has the preview button say a sentence in the chosen voice's own language, or fall silent. */
export function connectPreview(): void {
  button.addEventListener("click", () => {
    if (stop) stop();
    else void preview();
  });
  // Of another voice.
  element("voice", HTMLSelectElement).addEventListener("change", stopPreview);
  whenPlayerChanged(() => {
    if (isSounding()) stopPreview();
  });
}

/** Has the preview fall silent, as before something else is heard. */
export function stopPreview(): void {
  stop?.();
}

async function preview(): Promise<void> {
  pausePlayer();
  clearRefusals();
  const leaving = new AbortController();
  const { signal } = leaving;
  stop = () => leaving.abort();
  show(true);
  const own = chosenKeptVoice();
  try {
    if (own) await hearKeptVoice(own.id, signal);
    else await hearOut((events) => listen(sample(), { key: currentKey(), signal }, events), signal);
  } catch (cause) {
    if (!signal.aborted) showRefusal(cause);
  } finally {
    stop = undefined;
    show(false);
  }
}

/** Plays a kept voice's sample until it has been heard, or is stopped. Rejects with a Refusal. */
export async function hearKeptVoice(id: string, signal: AbortSignal): Promise<void> {
  await hearOut(async (events) => {
    const answer = await ask(`voices/${encodeURIComponent(id)}/sample.mp3`, {
      key: currentKey(),
      signal,
    });
    const playback = playFile(await answer.blob(), events);
    playback.play();
    return { playback, whole: Promise.resolve() };
  }, signal);
}

/** Plays until all has been heard, it cannot be, or it is stopped. */
async function hearOut(
  begin: (events: ListenEvents) => Promise<Pick<Listening, "playback" | "whole">>,
  signal: AbortSignal,
): Promise<void> {
  let hasBegun = false;
  let changed = () => {};
  const { playback, whole } = await begin({
    grown() {},
    started: () => {
      hasBegun = true;
    },
    changed: () => changed(),
    failed: () => {
      hasBegun = true;
      changed();
    },
  });
  signal.addEventListener("abort", () => playback.close());
  await whole;
  await new Promise<void>((resolve) => {
    changed = () => {
      if (hasBegun && !playback.isPlaying) resolve();
    };
    signal.addEventListener("abort", () => resolve());
    changed();
  });
  playback.close();
}

/** In mp3, which most browsers play while it arrives. */
function sample(): SpeechFields {
  const { model, voice, instructions } = readFields();
  return {
    model,
    input: samples[nativeLanguage()],
    response_format: "mp3",
    ...(voice === undefined ? {} : { voice }),
    ...(instructions === undefined ? {} : { instructions }),
  };
}

function show(isOn: boolean): void {
  button.setAttribute("aria-pressed", String(isOn));
  button.textContent = isOn ? "Stop" : "Preview";
}
