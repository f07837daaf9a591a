import { joinSamples } from "./join.ts";
import type { Stage } from "./stage.ts";

/** Two stages as one, the second taking what the first gives. */
export function chain(first: Stage, second: Stage): Stage {
  return {
    push: (pcm) => second.push(first.push(pcm)),
    finish: () => joinSamples([second.push(first.finish()), second.finish()]),
    close() {
      first.close();
      second.close();
    },
  };
}
