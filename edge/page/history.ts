import { nameOfVoice } from "./catalogue.ts";
import { element, within } from "./elements.ts";
import { writeFields } from "./form.ts";
import { downloadTake, isPlaying, toggleTake, unload, whenPlayerChanged } from "./player.ts";
import {
  factsOf,
  inMilliseconds,
  realTimeFactor,
  settingsInWords,
  type Take,
  titleOf,
} from "./take.ts";
import { createWaveform } from "./waveform.ts";

const list = element("history", HTMLOListElement);
const hint = element("history-hint", HTMLElement);
const template = element("take", HTMLTemplateElement);

/** Of this tab, which has all of them in memory. */
const mostTakes = 30;

const retellers = new WeakMap<Take, () => void>();

/** Says anew what is known of a take, if it is in the list. */
export function retell(take: Take): void {
  retellers.get(take)?.();
}

/** Puts a take that is whole at the top of the list. */
export function remember(take: Take): void {
  const fragment = document.importNode(template.content, true);
  const item = within(fragment, "li", HTMLLIElement);
  const play = within(item, '[data-do="play"]', HTMLButtonElement);
  within(item, ".said", HTMLElement).textContent = titleOf(take.fields, nameOfVoice);
  const name = `take ${take.number}`;
  const tellAll = () => {
    within(item, ".how", HTMLElement).textContent = inWords(take);
    item.title = factsOf(take)
      .map(([fact, words]) => `${fact}: ${words}`)
      .join("\n");
  };
  tellAll();
  retellers.set(take, tellAll);

  const onClick = (what: string, act: () => void) => {
    const button = within(item, `[data-do="${what}"]`, HTMLButtonElement);
    if (what !== "play") button.setAttribute("aria-label", `${button.textContent} of ${name}`);
    button.addEventListener("click", act);
  };
  onClick("play", () => toggleTake(take));
  onClick("download", () => void downloadTake(take));
  onClick("reuse", () => {
    writeFields(take.fields);
    element("text-field", HTMLElement)
      .querySelector<HTMLElement>("textarea:not([hidden])")
      ?.focus();
  });
  onClick("remove", () => {
    unload(take);
    item.remove();
    hint.hidden = list.children.length > 0;
    hint.focus();
  });

  list.prepend(item);
  for (const old of [...list.children].slice(mostTakes)) old.remove();
  hint.hidden = true;
  createWaveform(within(item, "canvas", HTMLCanvasElement)).draw(take.peaks, take.peaks.seconds, 0);
  const show = () => {
    play.setAttribute("aria-label", `${isPlaying(take) ? "Pause" : "Play"} ${name}`);
    play.classList.toggle("playing", isPlaying(take));
  };
  whenPlayerChanged(show);
  show();
}

function inWords(take: Take): string {
  const factor = realTimeFactor(take);
  return [
    settingsInWords(take, nameOfVoice),
    `${take.peaks.seconds.toFixed(1)} s`,
    take.firstSoundMs === undefined ? "" : `first sound ${inMilliseconds(take.firstSoundMs)}`,
    factor === undefined ? "" : `factor ${factor.toFixed(2)}`,
    take.from.cache.toLowerCase(),
  ]
    .filter((part) => part !== "")
    .join(" · ");
}
