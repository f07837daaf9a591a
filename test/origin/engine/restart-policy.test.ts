import { expect, it } from "vitest";
import { createRestartPolicy } from "../../../origin/engine/restart-policy.ts";

const quick = { readySeconds: 1, utterancesEnded: 0 };

it("waits longer after each quick death, and gives up past the last delay", () => {
  const policy = createRestartPolicy([0.1, 2]);

  expect([quick, quick, quick].map(policy.afterDeath)).toEqual([0.1, 2, undefined]);
});

it.each([
  ["was ready for a minute", { readySeconds: 60, utterancesEnded: 0 }],
  ["spoke an utterance to its end", { readySeconds: 1, utterancesEnded: 1 }],
])("begins anew after a process that %s", (_, proven) => {
  const policy = createRestartPolicy([0.1, 2]);

  expect([quick, proven, quick, quick].map(policy.afterDeath)).toEqual([0.1, 0.1, 2, undefined]);
});
