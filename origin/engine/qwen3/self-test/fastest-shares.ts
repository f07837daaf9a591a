import { type LoadedPack, openPack } from "../../../model/pack/open-pack.ts";
import type { ThreadShares } from "../../../model/parts/thread-shares.ts";

/** Of each candidate the fastest counts: whatever else the machine does makes the others slower. */
const takes = 2;

/** With which threads a pack speaks the fastest, alone. `speak` says a sentence, one of a number. */
export async function findFastestShares(
  folder: string,
  { threads, shares: candidates }: { threads: number; shares: readonly ThreadShares[] },
  speak: (pack: LoadedPack, number: number) => Promise<{ frames: number }>,
): Promise<ThreadShares | undefined> {
  const timed: { shares: ThreadShares; perFrame: number }[] = [];
  for (const shares of candidates) {
    const pack = await openPack(folder, { threads, apart: true, shares });
    // The first of a process makes room in caches.
    await speak(pack, takes);
    const perFrame: number[] = [];
    for (let take = 0; take < takes; take++) {
      const begun = performance.now();
      const { frames } = await speak(pack, take);
      perFrame.push((performance.now() - begun) / frames);
    }
    timed.push({ shares, perFrame: Math.min(...perFrame) });
    await pack.close();
  }
  return timed.sort((a, b) => a.perFrame - b.perFrame)[0]?.shares;
}
