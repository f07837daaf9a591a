// What loads TypeScript does not reach a thread by a flag on Node 20.
import { workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
await import(workerData.module);
