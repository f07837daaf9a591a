import { serverError } from "../../shared/api-error.ts";
import type { ToParent } from "./protocol.ts";

/** Utterances that came out as no sound since one came to its end, from which the fault is the process's, not theirs. */
const maxSpoilt = 2;

const message = "The engine made what is no sound: a sample is not a finite number.";
const noVector = "The engine made a voice that is none: a number of it is not finite.";

export interface NumberCheck {
  /**
   * What is to be heeded of a message: itself, or the failure of an utterance or a recording whose numbers are not finite, as a
   * model's are whose weights or memory are damaged. Encoders would make silence or full scale of them.
   */
  judge(message: ToParent): ToParent;
  /** Whether nothing else can be expected of this process. */
  readonly isBroken: boolean;
}

/** Judges what one process of an engine makes. */
export function createNumberCheck(): NumberCheck {
  /** By their ids: more may follow of one before the process reads that nobody wants it. */
  const spoilt = new Set<number>();

  return {
    judge(said) {
      if (said.type === "chunk" && !areFinite(said.samples)) spoilt.add(said.id);
      if ((said.type === "chunk" || said.type === "end") && spoilt.has(said.id)) {
        return { type: "error", id: said.id, error: serverError(message) };
      }
      if (said.type === "end") spoilt.clear();
      if (said.type === "encoded" && !areFinite(said.voice.xVector)) {
        return { type: "notEncoded", id: said.id, error: serverError(noVector) };
      }
      return said;
    },
    get isBroken() {
      return spoilt.size >= maxSpoilt;
    },
  };
}

function areFinite(numbers: Float32Array): boolean {
  for (const number of numbers) if (!Number.isFinite(number)) return false;
  return true;
}
