import type { LoadedPack } from "../pack/open-pack.ts";
import { type Check, identical, near } from "./check.ts";
import { absoluteError } from "./difference.ts";
import type { ReferenceAudio } from "./reference-set.ts";

/** Of the numbers of a vector; rounding alone is less than a thousandth of them. */
const maxVectorError = 1e-4;

/** What a pack's encoders make of the recording. */
export async function* encoderChecks(
  name: string,
  { encoders, manifest }: LoadedPack,
  { recording: samples, xVector, codes }: ReferenceAudio,
): AsyncGenerator<Check> {
  if (!encoders) throw new Error("a model that clones has encoders");
  const signal = new AbortController().signal;
  const voice = await encoders.encode({ samples, withCodes: true }, signal);
  const vectors = { actual: voice.xVector, expected: xVector };
  yield near(`${name}: speaker embedding`, vectors, absoluteError, maxVectorError);
  const { codebooks } = manifest.shapes;
  yield identical(
    `${name}: codes of the recording`,
    "codes",
    Array.from(voice.codes ?? []),
    codes.flat(),
    (index) => `code ${index % codebooks} of frame ${Math.floor(index / codebooks)}`,
  );
}
