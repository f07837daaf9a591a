import type { Health } from "./api.ts";
import { element } from "./elements.ts";

const control = element("key", HTMLInputElement);
/** The reference has none: there one may always be given. */
const field = document.getElementById("key-field");

/** Of this tab's storage, which the browser forgets with the tab. */
const storedAs = "qwen3-tts-edge.key";

/** Asks for a key where the server says that it wants one. */
export function askForKey({ auth }: Health): void {
  if (field) field.hidden = auth !== "keys";
}

/** Keeps the key for this tab's session. */
export function keepKey(): void {
  control.value = sessionStorage.getItem(storedAs) ?? "";
  control.addEventListener("input", () => {
    if (control.value) sessionStorage.setItem(storedAs, control.value.trim());
    else sessionStorage.removeItem(storedAs);
  });
}

/** The key to show; empty where none is asked for. */
export function currentKey(): string {
  return field?.hidden ? "" : control.value.trim();
}

/** Whether this server asks for keys. */
export function wantsKey(): boolean {
  return !field?.hidden;
}
