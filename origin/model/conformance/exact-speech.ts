// In float32 a model must say exactly what the official one says.
import type { LoadedPack } from "../pack/open-pack.ts";
import { type Check, near } from "./check.ts";
import { relativeError } from "./difference.ts";
import { speakAlone, speakTogether } from "./greedy-speech.ts";
import type { PreparedCase } from "./prepared-case.ts";
import type { Probe } from "./probe.ts";
import { type SpeechChecks, speechCheck } from "./speech-checks.ts";

/** Rounding alone is a hundred times less. */
const maxPrefillError = 1e-4;

const chunksAlone = [1, 2, 3, 7];
const chunksTogether = [1, 3, 7];

export function exactSpeechChecks(pack: LoadedPack, probe: Probe): SpeechChecks {
  /** What the talker thinks at the end of the prompt; what it is then given to say does not matter. */
  async function* prefill({ reference, prompt }: PreparedCase): AsyncGenerator<Check> {
    const anyFrame = Array<number>(pack.manifest.shapes.codebooks).fill(0);
    for (const { hidden, choices } of await probe.say(prompt, [anyFrame])) {
      const { name, prefillHidden, prefillLogits } = reference;
      const vectors = { actual: hidden, expected: prefillHidden };
      yield near(
        `${name}: hidden vector after the prompt`,
        vectors,
        relativeError,
        maxPrefillError,
      );
      const logits = { actual: choices[0].logits, expected: prefillLogits };
      yield near(`${name}: logits after the prompt`, logits, relativeError, maxPrefillError);
    }
  }

  return {
    async *ofCase(prepared) {
      yield* prefill(prepared);
      for (const frames of chunksAlone) {
        const speech = await speakAlone(pack, prepared, frames);
        yield speechCheck(`codes in chunks of ${frames}`, speech);
      }
    },
    async *ofAll(cases) {
      // One that is alone speaks with itself, a chunk later.
      const rows = cases.length === 1 ? [...cases, ...cases] : cases;
      for (const frames of chunksTogether) {
        const what = `codes in a batch of ${rows.length} in chunks of ${frames}`;
        const speeches = await speakTogether(pack, rows, frames);
        yield* speeches.map((speech) => speechCheck(what, speech));
      }
    },
    close: probe.close,
  };
}
