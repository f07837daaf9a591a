// The builtin engine's process. BUILTIN_PACE=2 holds every utterance down to twice real time, for tests and
// demonstrations that want to watch a stream under way; unset, it is spoken as fast as it can be.
import { serve } from "../serve.ts";

await serve(async () => {
  const speed = Number(process.env.BUILTIN_PACE ?? Number.POSITIVE_INFINITY);
  if (!(speed > 0)) throw new Error("BUILTIN_PACE must be a number above 0");
  // Imported only here, so that the parent is told when espeak-ng is missing or broken.
  const { createBuiltinSynthesizer } = await import("./synthesizer.ts");
  return createBuiltinSynthesizer(speed);
});
