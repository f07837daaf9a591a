import type { Turn } from "./api.ts";
import { whenVoicesChanged } from "./catalogue.ts";
import { element, within } from "./elements.ts";

const toggle = element("dialogue", HTMLInputElement);
const text = element("input", HTMLTextAreaElement);
const list = element("turns", HTMLOListElement);
const addButton = element("add-turn", HTMLButtonElement);
const status = element("turns-status", HTMLElement);
const voice = element("voice", HTMLSelectElement);
const template = element("turn", HTMLTemplateElement);

/** As the API has it. */
const mostTurns = 128;

/** Whether several speak in turn, instead of one text. */
export function isDialogue(): boolean {
  return toggle.checked;
}

/** Who says what, in order. */
export function readTurns(): Turn[] {
  return [...list.children].map((row) => {
    const { who, said } = partsOf(row);
    return { ...(who.value ? { voice: who.value } : {}), text: said.value };
  });
}

/** Shows a dialogue, or, without one, the one text. */
export function writeTurns(turns: readonly Turn[] | undefined): void {
  toggle.checked = turns !== undefined;
  if (turns) list.replaceChildren(...turns.map(makeRow));
  show();
}

/** Has the switch and the rows do what they say. */
export function connectDialogue(): void {
  toggle.addEventListener("change", () => {
    if (toggle.checked && list.children.length === 0) {
      // What is there is not lost.
      list.append(makeRow({ voice: voice.value, text: text.value }));
      list.append(makeRow(answering()));
    }
    show();
    tellChange();
  });
  addButton.addEventListener("click", () => {
    const row = makeRow(answering());
    list.append(row);
    show();
    tellChange(`Line ${list.children.length} added.`);
    partsOf(row).said.focus();
  });
  whenVoicesChanged(() => {
    for (const row of list.children) {
      const { who } = partsOf(row);
      fillWho(who, who.value);
    }
  });
}

/** A line of whoever spoke before the last one, or of another voice. */
function answering(): Turn {
  const rows = [...list.children].map((row) => partsOf(row).who.value);
  const others = [...voice.options].map(({ value }) => value).filter((id) => id !== rows.at(-1));
  const next = rows.at(-2) ?? others[0] ?? "";
  return { voice: next, text: "" };
}

function makeRow({ voice: named = "", text: said }: Turn): HTMLLIElement {
  const fragment = document.importNode(template.content, true);
  const row = within(fragment, "li", HTMLLIElement);
  const parts = partsOf(row);
  fillWho(parts.who, named);
  parts.said.value = said;
  const onClick = (what: string, act: () => void) =>
    within(row, `[data-do="${what}"]`, HTMLButtonElement).addEventListener("click", act);
  onClick("up", () => move(row, -1));
  onClick("down", () => move(row, 1));
  onClick("remove", () => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    show();
    tellChange("Line removed.");
    if (next) partsOf(next).said.focus();
    else addButton.focus();
  });
  return row;
}

function move(row: HTMLLIElement, by: 1 | -1): void {
  const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (by < 0) other.before(row);
  else other.after(row);
  show();
  const number = [...list.children].indexOf(row) + 1;
  tellChange(`Now line ${number} of ${list.children.length}.`);
  const buttons = [...row.querySelectorAll<HTMLButtonElement>('[data-do="up"], [data-do="down"]')];
  const wanted = buttons.find((button) => button.dataset.do === (by < 0 ? "up" : "down"));
  (wanted?.disabled ? buttons.find((button) => !button.disabled) : wanted)?.focus();
}

/** The voices of the form, and what is chosen already: one that is gone is for the server to refuse. */
function fillWho(who: HTMLSelectElement, chosen: string): void {
  who.replaceChildren(...[...voice.children].map((child) => child.cloneNode(true)));
  const isKnown = [...who.options].some(({ value }) => value === chosen);
  if (chosen && !isKnown) who.append(new Option(chosen, chosen));
  if (chosen) who.value = chosen;
  who.disabled = who.options.length === 0;
}

function show(): void {
  text.hidden = toggle.checked;
  for (const part of [list, addButton]) part.hidden = !toggle.checked;
  const last = list.children.length - 1;
  for (const [index, row] of [...list.children].entries()) {
    const { who, said } = partsOf(row);
    who.setAttribute("aria-label", `Voice of line ${index + 1}`);
    said.setAttribute("aria-label", `Line ${index + 1}`);
    for (const button of row.querySelectorAll<HTMLButtonElement>("button")) {
      const { do: what = "" } = button.dataset;
      button.disabled = (what === "up" && index === 0) || (what === "down" && index === last);
      const words = what === "remove" ? "Remove line" : `Move ${what} line`;
      button.setAttribute("aria-label", `${words} ${index + 1}`);
    }
  }
  addButton.disabled = list.children.length >= mostTurns;
}

/** Has the form know of it, and whoever does not see it. */
function tellChange(words = ""): void {
  status.textContent = words;
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

function partsOf(row: Element): { who: HTMLSelectElement; said: HTMLTextAreaElement } {
  return {
    who: within(row, "select", HTMLSelectElement),
    said: within(row, "textarea", HTMLTextAreaElement),
  };
}
