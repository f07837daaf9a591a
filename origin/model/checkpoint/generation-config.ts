// generation_config.json, in the publisher's spelling: how tokens are drawn unless a request says otherwise. `subtalker`
// is the code predictor.
import * as z from "zod";

const probability = z.number().positive().max(1);

/** The defaults are those of the official wrapper. */
export const generationConfig = z.object({
  do_sample: z.boolean().default(true),
  temperature: z.number().positive().default(0.9),
  /** 0 keeps every token. */
  top_k: z.int().nonnegative().default(50),
  top_p: probability.default(1),
  repetition_penalty: z.number().positive().default(1.05),
  subtalker_dosample: z.boolean().default(true),
  subtalker_temperature: z.number().positive().default(0.9),
  subtalker_top_k: z.int().nonnegative().default(50),
  subtalker_top_p: probability.default(1),
  max_new_tokens: z.int().positive().default(2048),
});

export type GenerationConfig = z.infer<typeof generationConfig>;
