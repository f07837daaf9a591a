import type { BatchItem } from "./batch-request.ts";

/** Short enough, with number and extension, for every file system: most take 255 bytes. */
const maxNameBytes = 180;

/** What a path or a drive is made of, what Windows forbids, and what is not seen or turns the order of letters round. */
const unsafe =
  /[\p{Cc}\p{Cs}/\\:*?"<>|\u061c\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** Names that are devices on Windows, with any extension. */
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

export interface EntryNames {
  /** The name of an item's entry: its `custom_id` as far as that is safe, else its number, with the extension. */
  next(item: Pick<BatchItem, "index" | "customId">, extension: string): string;
}

/** Names the files of one archive, each differently on systems that do not tell case and forms of Unicode apart, too. */
export function createEntryNames(): EntryNames {
  const taken = new Set(["manifest.json"]);
  return {
    next({ index, customId }, extension) {
      const number = String(index + 1).padStart(3, "0");
      const stem = safeStem(customId ?? "", extension) || number;
      for (let count = 1; ; count++) {
        const name = `${stem}${count === 1 ? "" : ` (${count})`}.${extension}`;
        const folded = name.normalize("NFKC").toLowerCase();
        if (taken.has(folded)) continue;
        taken.add(folded);
        return name;
      }
    },
  };
}

function safeStem(customId: string, extension: string): string {
  const composed = customId.normalize("NFC").replaceAll(unsafe, "_");
  const bare = composed.endsWith(`.${extension}`)
    ? composed.slice(0, -extension.length - 1)
    : composed;
  const trimmed = trimEnds(truncate(trimEnds(bare)));
  return device.test(trimmed) ? `_${trimmed}` : trimmed;
}

/** No dots before it, which would hide it or lead up, and neither dots nor spaces behind, which Windows drops. */
function trimEnds(name: string): string {
  return name.replace(/^[.\s]+/u, "").replace(/[.\s]+$/u, "");
}

function truncate(name: string): string {
  let kept = "";
  let bytes = 0;
  for (const character of name) {
    bytes += new TextEncoder().encode(character).byteLength;
    if (bytes > maxNameBytes) break;
    kept += character;
  }
  return kept;
}
