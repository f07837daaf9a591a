import { samples } from "../../shared/samples.ts";
import type { SpeechFields } from "./api.ts";
import { nativeLanguage } from "./catalogue.ts";
import { element } from "./elements.ts";
import { clearRefusals, readFields, showRefusal } from "./form.ts";
import { currentKey } from "./key.ts";
import { listen } from "./listen.ts";
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
  stop = () => leaving.abort();
  show(true);
  try {
    const options = { key: currentKey(), signal: leaving.signal };
    let changed = () => {};
    const { playback, whole } = await listen(sample(), options, {
      grown() {},
      changed: () => changed(),
    });
    leaving.signal.addEventListener("abort", () => playback.close());
    await whole;
    await new Promise<void>((resolve) => {
      changed = () => {
        if (!playback.isPlaying) resolve();
      };
      leaving.signal.addEventListener("abort", () => resolve());
      changed();
    });
    playback.close();
  } catch (cause) {
    if (!leaving.signal.aborted) showRefusal(cause);
  } finally {
    stop = undefined;
    show(false);
  }
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
