/** Ends AAC streams in every way there is; then the process should end by itself. */

import { createAacEncoder } from "../../origin/audio/aac.ts";

const options = { sampleRate: 24_000 };
const [finished, abandoned, unused] = [
  await createAacEncoder(options),
  await createAacEncoder(options),
  await createAacEncoder(options),
];
unused.close();
await finished.encode(new Float32Array(5_000));
await finished.finish();
await abandoned.encode(new Float32Array(5_000));
abandoned.close();
