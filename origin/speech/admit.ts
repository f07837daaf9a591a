import { type ApiError, invalidRequest } from "../../shared/api-error.ts";
import type { Engine, LogBindings } from "../engine/engine.ts";
import type { Engines } from "../engine/engines.ts";
import { overhear } from "../engine/overhear.ts";
import { secondsToSay } from "../text/speaking-pace.ts";
import type { Admission, Entry, StreamNeeds } from "./admission.ts";
import { keyValuePositions } from "./key-value-positions.ts";
import { type SpeechPlan, textOf } from "./plan.ts";

/** Leave to speak. */
export interface Admitted {
  engine: Engine;
  /** To be called once, when the answer has ended in any way. */
  leave(): void;
}

/** What a speech asks of its engine, as far as its text tells. */
export type SpeechNeeds = Pick<StreamNeeds, "positions" | "expectedSeconds">;

function wordsUnknown({ name }: Engine): ApiError {
  const message = `timestamps must be segment with the engine ${name}, which does not tell when it says each word; got "word"`;
  return invalidRequest("timestamps_unavailable", message, "timestamps");
}

/**
 * Finds an answer its place, its engine, which may have to be loaded, and what it needs of that. Throws an ApiError (503)
 * when one of them cannot be had, and the signal's reason when it is aborted before.
 */
export async function admit(
  plan: SpeechPlan,
  { engines, admission }: { engines: Engines; admission: Admission },
  signal: AbortSignal,
  { bindings, ...entry }: Entry & { bindings?: LogBindings } = {},
  needsOf: (engine: Engine) => SpeechNeeds = (engine) => ({
    positions: keyValuePositions(engine, plan),
    expectedSeconds: secondsToSay(textOf(plan), engine.pace),
  }),
): Promise<Admitted> {
  const slot = admission.enter(entry);
  let release = () => {};
  const leave = () => {
    release();
    slot.leave();
  };
  try {
    const lease = await engines.borrow(plan.model, signal);
    release = lease.release;
    signal.throwIfAborted();
    if (plan.timestamps === "word" && !lease.engine.tellsWords) throw wordsUnknown(lease.engine);
    let spokenSamples = 0;
    const engine = overhear(
      lease.engine,
      ({ length }) => {
        spokenSamples += length;
      },
      bindings,
    );
    slot.occupy({
      engine: lease.engine,
      ...needsOf(lease.engine),
      spokenSeconds: () => spokenSamples / engine.sampleRate,
    });
    return { engine, leave };
  } catch (cause) {
    leave();
    throw cause;
  }
}
