/**
 * Quantised weights, and float16, may choose other codes, and from the first other one on everything differs. So the choices are
 * judged one by one, with the reference's codes given (teacher forcing): how often its code is the likeliest, and how
 * far the logits are from those of the float32 weights. The codes that the model says by itself must be the likeliest
 * in the same sense, which ties what is judged here to what speaks.
 */
import type { Precision } from "../generate/precision.ts";
import type { LoadedPack } from "../pack/open-pack.ts";
import { type Agreement, createAgreement } from "./agreement.ts";
import { type Check, identical } from "./check.ts";
import { relativeError } from "./difference.ts";
import { speakAlone } from "./greedy-speech.ts";
import { rangeCheck } from "./magnitudes.ts";
import type { PreparedCase } from "./prepared-case.ts";
import type { Probe } from "./probe.ts";
import { type SpeechChecks, speechCheck } from "./speech-checks.ts";

export type QuantizedPrecision = Exclude<Precision, "float32">;

interface Bound {
  /** Of the steps, in which the reference's code must be the likeliest. */
  minAgreed: number;
  maxError: number;
}

/**
 * Measured with weights drawn at random, at widths from 24 to 64 in two or three layers. They are the hard case, since
 * no training has set their logits apart. Errors may be about twice the worst of any codebook: 0.016 for an int8 talker
 * and 0.035 for its predictor, 0.15 for an int4 talker and for an int8 predictor that listens to one, 0.35 for an int4
 * predictor, and 0.006 in float16 where sums are made in it too, which CPUs do not. The worst agreements were 0.97 and
 * 0.86, 0.66 and 0.70, and 0.35, and 0.97 in float16. They hang on how close the second best is and were counted over a
 * few dozen steps, so they have more room.
 */
const bounds: Record<QuantizedPrecision, { talker: Bound; predictor: Bound }> = {
  float16: {
    talker: { minAgreed: 0.9, maxError: 0.015 },
    predictor: { minAgreed: 0.9, maxError: 0.015 },
  },
  int8: {
    talker: { minAgreed: 0.85, maxError: 0.03 },
    predictor: { minAgreed: 0.7, maxError: 0.07 },
  },
  int4: {
    talker: { minAgreed: 0.4, maxError: 0.3 },
    predictor: { minAgreed: 0.5, maxError: 0.3 },
  },
  "int4-all": {
    talker: { minAgreed: 0.4, maxError: 0.3 },
    predictor: { minAgreed: 0.2, maxError: 0.7 },
  },
};

const ownChunkFrames = 8;

export interface QuantizedSpeechOptions {
  /** The checkpoint's. */
  name: string;
  pack: LoadedPack;
  precision: QuantizedPrecision;
  /** Of the checkpoint in float32 and in that precision. */
  exact: Probe;
  quantized: Probe;
  /** Of float16, in which numbers can be too large, one that measures. */
  measuring?: Probe | undefined;
}

export function quantizedSpeechChecks(options: QuantizedSpeechOptions): SpeechChecks {
  const { name, pack, precision, exact, quantized, measuring } = options;
  const { codebooks } = pack.manifest.shapes;
  const agreements = Array.from({ length: codebooks }, createAgreement);

  /** What the model says by itself, which need not be the reference's but must be the likeliest. */
  async function* ownCodes(prepared: PreparedCase): AsyncGenerator<Check> {
    const speech = await speakAlone(pack, prepared, ownChunkFrames);
    const check = speechCheck("own codes", speech);
    yield { name: check.name, status: "reported", measured: check.measured };

    const frames = framesOf(speech.codes, codebooks);
    const thoughts = await quantized.say(prepared.prompt, frames);
    const likeliest = thoughts.flatMap(({ choices }) => choices.map((choice) => choice.likeliest));
    yield identical(`${check.name} are the likeliest`, "codes", speech.codes, likeliest);
  }

  /** Lets both models say the reference's codes, and takes their choices into the agreements. */
  async function judge({ reference, prompt }: PreparedCase): Promise<void> {
    const end = Array<number>(codebooks).fill(0);
    end[0] = pack.config.talker_config.codec_eos_token_id;
    const said = reference.stop === "eos" ? [...reference.codes, end] : reference.codes;
    const thoughts = await quantized.say(prompt, said);
    await measuring?.say(prompt, said);
    const exactThoughts = await exact.say(prompt, said);

    for (const [step, frame] of said.entries()) {
      // Nothing follows the end of speech.
      const judged = frame === end ? agreements.slice(0, 1) : agreements;
      for (const [codebook, agreement] of judged.entries()) {
        const choice = thoughts[step]?.choices[codebook];
        const right = exactThoughts[step]?.choices[codebook];
        if (!choice || !right) throw new Error(`frame ${step} has no code ${codebook}`);
        const error = relativeError(choice.logits, right.logits);
        agreement.add(choice.likeliest === frame[codebook], error);
      }
    }
  }

  return {
    async *ofCase(prepared) {
      yield* ownCodes(prepared);
      await judge(prepared);
    },
    async *ofAll() {
      for (const [codebook, agreement] of agreements.entries()) {
        const decoder = codebook === 0 ? "talker" : "predictor";
        const what = `${name}: choices of code ${codebook} by the ${decoder}`;
        yield agreementCheck(what, agreement, bounds[precision][decoder]);
      }
      if (measuring) yield rangeCheck(name, measuring.magnitudes);
    },
    async close() {
      await exact.close();
      await quantized.close();
      await measuring?.close();
    },
  };
}

function agreementCheck(name: string, agreement: Agreement, bound: Bound): Check {
  const { steps, agreed, error } = agreement;
  const { minAgreed, maxError } = bound;
  return {
    name,
    status: agreed / steps >= minAgreed && error <= maxError ? "passed" : "failed",
    measured: `top-1 ${agreed} of ${steps}, logits error ${error.toFixed(3)}`,
    bound: `at least ${Math.ceil(minAgreed * steps)}, at most ${maxError}`,
  };
}

function framesOf(codes: readonly number[], codebooks: number): number[][] {
  return Array.from({ length: codes.length / codebooks }, (_, frame) =>
    codes.slice(frame * codebooks, (frame + 1) * codebooks),
  );
}
