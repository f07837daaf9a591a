// A program with an engine, to be killed: it says "speaking" once its engine is in the middle of an utterance.
import { createSupervisedEngine } from "../../origin/engine/supervisor.ts";
import { begin } from "./listening.ts";

const engine = createSupervisedEngine({
  name: "builtin",
  module: new URL("tone-engine-child.ts", import.meta.url),
});
await engine.started();
await begin(engine, { text: "tone 1000000" }).next();
process.stdout.write("speaking\n");
