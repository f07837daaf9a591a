/** Encodes a little AAC and ends the stream the way its argument says; the process should end then, too. */

import { createAacEncoder } from "../../origin/audio/aac.ts";

const [ending] = process.argv.slice(2);
const encoder = await createAacEncoder({ sampleRate: 24_000 });
if (ending !== "given up before it started") await encoder.encode(new Float32Array(5_000));
if (ending === "finished") await encoder.finish();
else encoder.close();
