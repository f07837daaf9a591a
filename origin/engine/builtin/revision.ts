import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { frontEndVersion } from "../../text/front-end.ts";
import type { ModelRevision } from "../engine.ts";
import { builtinVoices, defaultVoice } from "./voices.ts";

/**
 * Raise it whenever the same utterance comes to sound different: with another cut into pieces, another choice of
 * language (a new `eld`), other pauses or voices, or a new espeak-ng.
 */
const numericsVersion = 2;

/**
 * The day the Qwen3-TTS checkpoints were published, and a second for each version: older than any pack of one can be.
 * Where both speak, a stand-in never takes the model's place in a cache.
 */
const releasedAt = Date.UTC(2026, 0, 22) / 1000 + numericsVersion + frontEndVersion;

/** The one revision of all models: the builtin engine speaks them alike. */
export function builtinRevision(): ModelRevision {
  const espeak: { version: string } = createRequire(import.meta.url)(
    "@echogarden/espeak-ng-emscripten/package.json",
  );
  const revision = createHash("sha256")
    .update(
      JSON.stringify([
        espeak.version,
        numericsVersion,
        frontEndVersion,
        builtinVoices,
        defaultVoice,
      ]),
    )
    .digest("hex")
    .slice(0, 16);
  return { revision, releasedAt };
}
