/** The element with this id. Throws a TypeError where index.html has none of that kind. */
export function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`index.html has no ${kind.name} with the id ${id}`);
}

/** The first element below `root` that `selector` finds. Throws a TypeError where there is none of that kind. */
export function within<Kind extends Element>(
  root: ParentNode,
  selector: string,
  kind: new () => Kind,
): Kind {
  const found = root.querySelector(selector);
  if (found instanceof kind) return found;
  throw new TypeError(`index.html has no ${kind.name} at ${selector}`);
}

/** Shows a text in an element, or hides the element where there is none. */
export function tell(where: HTMLElement, text: string): void {
  where.textContent = text;
  where.hidden = text === "";
}

/** Puts a text on the clipboard and says so on the button for a moment. */
export async function copyText(text: string, button: HTMLButtonElement): Promise<void> {
  const label = button.textContent ?? "";
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select and copy by hand";
  }
  setTimeout(() => {
    // Unless it has been renamed since.
    if (/^(Copied|Select and copy by hand)$/.test(button.textContent ?? ""))
      button.textContent = label;
  }, 1500);
}

/** Has the browser save a file. */
export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
