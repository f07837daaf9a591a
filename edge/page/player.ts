import { fileName, formats } from "../../shared/formats.ts";
import { askSpeech } from "./api.ts";
import { playFile } from "./element-playback.ts";
import { element, saveFile } from "./elements.ts";
import { showRefusal } from "./form.ts";
import { currentKey } from "./key.ts";
import type { Playback, PlaybackEvents } from "./playback.ts";
import { follow, showText } from "./read-along.ts";
import { expectedSeconds, factsOf, type Take } from "./take.ts";
import { createWaveform } from "./waveform.ts";

const section = element("player", HTMLElement);
const waveform = createWaveform(element("wave", HTMLCanvasElement));
const slider = element("seek", HTMLInputElement);
const playButton = element("play", HTMLButtonElement);
const time = element("time", HTMLElement);
const download = element("download", HTMLButtonElement);
const facts = element("facts", HTMLDListElement);

/** Between two frames of the drawing while it plays, where less motion is asked for. */
const calmFrameMs = 250;

const calm = matchMedia("(prefers-reduced-motion: reduce)");

let take: Take | undefined;
let playback: Playback | undefined;
let isDrawing = false;
const listeners = new Set<() => void>();

/** Calls `changed` whenever another take is in the player, or it begins or ends to play. */
export function whenPlayerChanged(changed: () => void): void {
  listeners.add(changed);
}

export function isPlaying(other: Take): boolean {
  return take === other && (playback?.isPlaying ?? false);
}

/** Whether any take is playing. */
export function isSounding(): boolean {
  return playback?.isPlaying ?? false;
}

/** What a playback is to tell the player. */
export const playerEvents: PlaybackEvents = { changed: playerChanged };

/** Puts a take with its playback into the player. */
export function load(newTake: Take, newPlayback: Playback): void {
  playback?.close();
  [take, playback] = [newTake, newPlayback];
  section.dataset.state = "loaded";
  for (const control of [slider, playButton]) control.disabled = false;
  showTake(newTake);
  playerChanged();
}

/** Falls silent, as before something else is heard. */
export function pausePlayer(): void {
  playback?.pause();
}

/** Takes a take that is no longer kept out of the player. */
export function unload(old: Take): void {
  if (take !== old) return;
  playback?.close();
  [take, playback] = [undefined, undefined];
  section.dataset.state = "empty";
  for (const control of [slider, playButton]) control.disabled = true;
  download.hidden = true;
  facts.replaceChildren();
  playerChanged();
}

/** Plays a take that is whole, or pauses it where it plays. */
export function toggleTake(wanted: Take): void {
  if (take === wanted && playback) {
    togglePlayback();
  } else if (wanted.file) {
    load(wanted, playFile(wanted.file, playerEvents));
    playback?.play();
  }
}

function togglePlayback(): void {
  if (playback?.isPlaying) playback.pause();
  else playback?.play();
}

/** Shows what is known of the take by now. */
export function showTake(changedTake: Take): void {
  if (take !== changedTake) return;
  section.dataset.take = take.state;
  download.hidden = take.state !== "whole";
  download.textContent = `Download ${take.fields.response_format.toUpperCase()}`;
  facts.replaceChildren(
    ...factsOf(take).map(([name, words]) => {
      const group = document.createElement("div");
      const [term, description] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      description.textContent = words;
      group.append(term, description);
      return group;
    }),
  );
  drawPosition();
}

/** Saves a take in the format it was asked for, which is fetched where it was heard in another one. */
export async function downloadTake({ fields, heardAs, file }: Take): Promise<void> {
  const format = fields.response_format;
  const name = fileName(format);
  const isHere =
    file && (format === heardAs ? format !== "pcm" : heardAs === "pcm" && format === "wav");
  if (isHere) return saveFile(file, name);
  try {
    const options = { key: currentKey(), signal: AbortSignal.timeout(600_000) };
    const answer = await askSpeech(fields, options);
    const bytes = await answer.arrayBuffer();
    saveFile(new Blob([bytes], { type: formats[format].type }), name);
  } catch (cause) {
    showRefusal(cause);
  }
}

/** Where the drawing ends: a text whose end is not here yet is drawn at its likely length. */
function span({ peaks, state, fields, likelySeconds }: Take): number {
  return state === "arriving"
    ? Math.max(likelySeconds ?? expectedSeconds(fields), peaks.seconds * 1.05)
    : Math.max(peaks.seconds, 0.01);
}

function goTo(seconds: number): void {
  if (take) playback?.seek(Math.min(seconds, take.peaks.seconds));
  drawPosition();
}

function drawPosition(): void {
  if (!take || !playback) {
    time.textContent = "0:00.0";
    showText(undefined, goTo);
    return;
  }
  const { position } = playback;
  const whole = span(take);
  waveform.draw(take.peaks, whole, position);
  showText(take, goTo);
  follow(position);
  slider.max = String(whole);
  slider.value = String(position);
  slider.setAttribute(
    "aria-valuetext",
    `${position.toFixed(1)} of ${take.peaks.seconds.toFixed(1)} seconds`,
  );
  time.textContent = `${inMinutes(position)} / ${inMinutes(take.peaks.seconds)}`;
}

function drawWhilePlaying(): void {
  drawPosition();
  isDrawing = playback?.isPlaying ?? false;
  if (!isDrawing) return;
  if (calm.matches) setTimeout(drawWhilePlaying, calmFrameMs);
  else requestAnimationFrame(drawWhilePlaying);
}

function playerChanged(): void {
  const label = playback?.isPlaying ? "Pause" : "Play";
  playButton.setAttribute("aria-label", label);
  playButton.classList.toggle("playing", playback?.isPlaying ?? false);
  if (isDrawing) drawPosition();
  else drawWhilePlaying();
  for (const listener of listeners) listener();
}

function inMinutes(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

/** Has the buttons and the slider do what they say. */
export function connectPlayer(): void {
  playButton.addEventListener("click", togglePlayback);
  slider.addEventListener("input", () => {
    goTo(slider.valueAsNumber);
  });
  download.addEventListener("click", () => {
    if (take) void downloadTake(take);
  });
}
