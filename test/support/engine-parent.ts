// A program with an engine, to be killed: it says "speaking" once its engine has failed at one utterance and is in the middle
// of another.
import { createSupervisedEngine } from "../../origin/engine/supervisor.ts";
import { begin } from "./listening.ts";

const engine = createSupervisedEngine({
  name: "builtin",
  module: new URL("tone-engine-child.ts", import.meta.url),
});
await engine.started();
const bindings = { requestId: "req_1", trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" };
await begin(engine, { text: "crash" }, undefined, bindings)
  .next()
  .catch(() => undefined);
await begin(engine, { text: "tone 1000000" }).next();
process.stdout.write("speaking\n");
