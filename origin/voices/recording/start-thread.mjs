// What loads TypeScript does not reach a thread by a flag on Node 20.
import { register } from "tsx/esm/api";

// Decoders complain there about what they are given. Read by the main thread, the streams would keep its process running.
for (const stream of [process.stdout, process.stderr]) stream.write = () => true;
register();
await import("./thread.ts");
