import type { Stage } from "./stage.ts";

/** The stage that changes nothing and holds nothing: what any stage is when there is nothing to do. */
export const identity: Stage = {
  push: (pcm) => pcm,
  finish: () => new Float32Array(0),
  close() {},
};
