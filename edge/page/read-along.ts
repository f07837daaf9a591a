import { timestampsOf } from "../../shared/timestamps.ts";
import { element } from "./elements.ts";
import { type Take, textOf } from "./take.ts";

const place = element("along", HTMLElement);

interface Said {
  start: number;
  end: number;
  span: HTMLElement;
}

let shown: Take | undefined;
let shownEvents = -1;
let said: Said[] = [];

/** Shows the text of a take as far as it is known when it is said; a click on it goes there. */
export function showText(take: Take | undefined, seek: (seconds: number) => void): void {
  if (take === shown && take?.events.length === shownEvents) return;
  shown = take;
  shownEvents = take?.events.length ?? -1;
  const { words, segments } = timestampsOf(take?.events ?? []);
  const known = words ?? segments;
  place.hidden = known.length === 0;
  said = [];
  if (!take) return;
  const letters = Array.from(textOf(take.fields).normalize("NFC"));
  const nodes: (Node | string)[] = [];
  let at = 0;
  for (const { start, end, char_start, char_end } of known) {
    // What is said in another place's stead has been shown there.
    if (char_start < at) continue;
    nodes.push(letters.slice(at, char_start).join(""));
    const span = document.createElement("span");
    span.textContent = letters.slice(char_start, char_end).join("");
    span.addEventListener("click", () => seek(start));
    nodes.push(span);
    said.push({ start, end, span });
    at = char_end;
  }
  nodes.push(letters.slice(at).join(""));
  place.replaceChildren(...nodes);
}

/** Marks what is said at that place of the sound. */
export function follow(seconds: number): void {
  for (const { start, end, span } of said) {
    span.classList.toggle("now", start <= seconds && seconds < end);
  }
}
