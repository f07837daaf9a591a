import { playFile } from "./element-playback.ts";
import { element, within } from "./elements.ts";
import type { Playback } from "./playback.ts";

/** As the API has it. */
const longestSeconds = 60;
const mostBytes = 10 * 1024 * 1024;
const lookMs = 100;

export interface Recorder {
  /** What has been recorded or chosen. */
  readonly file: Blob | undefined;
  /** Forgets it, and stops what runs. */
  discard(): void;
}

/** Puts a recorder into a place, which takes a file instead. What cannot be had is told to `failed`; "" when it can. */
export function createRecorder(
  place: HTMLElement,
  what: string,
  failed: (reason: string) => void,
): Recorder {
  place.append(document.importNode(element("recorder", HTMLTemplateElement).content, true));
  const button = (name: string) => within(place, `[data-do="${name}"]`, HTMLButtonElement);
  const [record, hear, drop] = [button("record"), button("listen"), button("discard")];
  const meter = within(place, "meter", HTMLMeterElement);
  const time = within(place, ".time", HTMLElement);
  const chooser = within(place, "input", HTMLInputElement);
  chooser.setAttribute("aria-label", `File with the ${what}`);
  meter.setAttribute("aria-label", "Level");
  hear.setAttribute("aria-label", `Listen to the ${what}`);
  drop.setAttribute("aria-label", `Discard the ${what}`);

  let file: Blob | undefined;
  let running: { stop(): void } | undefined;
  let isStarting = false;
  let playback: Playback | undefined;

  function show(): void {
    record.textContent = running ? "Stop" : "Record";
    record.setAttribute("aria-label", `${running ? "Stop recording" : "Record"} the ${what}`);
    record.classList.toggle("stopping", running !== undefined);
    record.hidden = file !== undefined;
    record.disabled = isStarting;
    meter.hidden = running === undefined;
    chooser.hidden = running !== undefined || file !== undefined;
    time.hidden = running === undefined && file === undefined;
    for (const one of [hear, drop]) one.hidden = file === undefined;
    const isPlaying = playback?.isPlaying ?? false;
    hear.textContent = isPlaying ? "Stop" : "Listen";
    hear.setAttribute("aria-pressed", String(isPlaying));
  }

  async function start(): Promise<void> {
    failed("");
    if (!navigator.mediaDevices?.getUserMedia) {
      failed(
        "Browsers give pages the microphone over HTTPS and on localhost alone. Choose a file.",
      );
      return;
    }
    isStarting = true;
    show();
    try {
      // As it is: what a call needs to be cleaned of is part of the voice.
      const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      const stream = await navigator.mediaDevices.getUserMedia({ audio });
      running = run(stream);
    } catch (cause) {
      failed(refusalOf(cause));
    } finally {
      isStarting = false;
      show();
      if (running) record.focus();
    }
  }

  function run(stream: MediaStream): { stop(): void } {
    const recorder = new MediaRecorder(stream);
    const chunks: Blob[] = [];
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const startedAt = performance.now();
    const looking = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      meter.value = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const seconds = (performance.now() - startedAt) / 1000;
      time.textContent = `${seconds.toFixed(0)} of ${longestSeconds} s`;
      if (seconds >= longestSeconds - 0.2) stop();
    }, lookMs);
    recorder.addEventListener("dataavailable", ({ data }) => chunks.push(data));
    recorder.addEventListener("stop", () => {
      clearInterval(looking);
      for (const track of stream.getTracks()) track.stop();
      void context.close();
      const seconds = (performance.now() - startedAt) / 1000;
      running = undefined;
      take(new Blob(chunks, { type: recorder.mimeType }), `Recorded, ${seconds.toFixed(1)} s`);
    });
    const stop = () => {
      if (recorder.state !== "inactive") recorder.stop();
    };
    recorder.start();
    return { stop };
  }

  function take(taken: Blob, words: string): void {
    file = taken;
    time.textContent = words;
    show();
    hear.focus();
  }

  function discard(): void {
    playback?.close();
    [playback, file] = [undefined, undefined];
    chooser.value = "";
    show();
  }

  record.addEventListener("click", () => {
    if (running) running.stop();
    else void start();
  });
  chooser.addEventListener("change", () => {
    const [chosen] = chooser.files ?? [];
    if (!chosen) return;
    if (chosen.size > mostBytes) {
      chooser.value = "";
      failed(`The file must have at most ${mostBytes} bytes; it has ${chosen.size}.`);
      return;
    }
    failed("");
    take(chosen, chosen.name);
  });
  hear.addEventListener("click", () => {
    if (playback?.isPlaying) return playback.pause();
    if (!file) return;
    playback?.close();
    playback = playFile(file, { changed: show, failed });
    playback.play();
  });
  drop.addEventListener("click", () => {
    failed("");
    discard();
    record.focus();
  });
  show();
  return {
    get file() {
      return file;
    },
    discard() {
      running?.stop();
      discard();
    },
  };
}

function refusalOf(cause: unknown): string {
  const name = cause instanceof DOMException ? cause.name : "";
  if (name === "NotAllowedError")
    return "The browser does not let this page use the microphone. Allow it, or choose a file.";
  if (name === "NotFoundError") return "There is no microphone. Choose a file.";
  return `The microphone cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`;
}
