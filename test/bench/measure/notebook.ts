import type { ReferenceWork } from "./reference-work.ts";

/** Writes down what is measured, as the lines of a Markdown table, each as soon as it is known. */
export interface Notebook {
  note(what: string, value: string): void;
  /** Runs a measurement and notes the milliseconds it returns, each also as a multiple of the reference work. */
  time(measure: () => Promise<Record<string, number>>): Promise<void>;
}

export function createNotebook(title: string, reference: ReferenceWork): Notebook {
  const line = (...cells: string[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
  line(title, "", "× reference");
  line("---", "---:", "---:");
  return {
    note(what, value) {
      line(what, value, "");
    },
    async time(measure) {
      const before = await reference.measure();
      const times = await measure();
      const unit = (before + (await reference.measure())) / 2;
      for (const [what, milliseconds] of Object.entries(times)) {
        line(what, inWords(milliseconds), rounded(milliseconds / unit));
      }
    },
  };
}

export function inMegabytes(bytes: number | null | undefined): string {
  return bytes == null ? "unknown" : `${Math.round(bytes / 1e6)} MB`;
}

function inWords(milliseconds: number): string {
  if (milliseconds < 1000) return `${rounded(milliseconds)} ms`;
  return `${rounded(milliseconds / 1000)} s`;
}

/** To three digits, whole from a hundred on. */
function rounded(number: number): string {
  return number < 100 ? number.toPrecision(3) : number.toFixed(0);
}
