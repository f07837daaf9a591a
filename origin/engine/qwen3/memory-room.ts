import type { ModelSlot } from "./model-slot.ts";

/** The memory that loaded models share. */
export interface MemoryRoom {
  readonly limitBytes: number;
  /** What the models take that are loaded or being loaded. */
  readonly usedBytes: number;
  /** The models that could be unloaded now, the longest unused first. */
  unused(): ModelSlot[];
  /** Those of them that must be unloaded for another to fit; undefined when even that would not do. */
  inTheWayOf(newcomer: ModelSlot): ModelSlot[] | undefined;
}

export function createMemoryRoom(slots: readonly ModelSlot[], limitBytes: number): MemoryRoom {
  // What proves to be larger than the limit is still loaded, alone.
  const share = (slot: ModelSlot) => Math.min(slot.memoryBytes, limitBytes);

  function usedBytes(): number {
    const placed = slots.filter(({ state }) => state === "loading" || state === "ready");
    return placed.reduce((sum, slot) => sum + share(slot), 0);
  }

  function unused(): ModelSlot[] {
    const idle = slots.filter(({ isUnused }) => isUnused);
    // Of those never used, the first is the most likely to be asked for.
    return idle.reverse().sort((a, b) => a.lastUsed - b.lastUsed);
  }

  return {
    limitBytes,
    get usedBytes() {
      return usedBytes();
    },
    unused,
    inTheWayOf(newcomer) {
      let excess = usedBytes() + share(newcomer) - limitBytes;
      const chosen: ModelSlot[] = [];
      for (const slot of unused()) {
        if (excess <= 0) break;
        chosen.push(slot);
        excess -= share(slot);
      }
      return excess <= 0 ? chosen : undefined;
    },
  };
}
