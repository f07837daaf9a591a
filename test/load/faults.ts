import { diskFaults } from "./disk-faults.ts";
import type { Fault } from "./fault.ts";
import type { Fleet } from "./fleet.ts";
import { packFaults } from "./pack-faults.ts";
import { processFaults } from "./process-faults.ts";
import { proxyFaults } from "./proxy-faults.ts";

/** In the order in which they are made, whichever is the first: those of a kind are not one after the other. */
export const faults: Readonly<Record<string, Fault>> = mixed([
  processFaults,
  diskFaults,
  proxyFaults,
  packFaults,
]);

function mixed(kinds: readonly Readonly<Record<string, Fault>>[]): Record<string, Fault> {
  const all = kinds.flatMap((kind) => {
    const entries = Object.entries(kind);
    return entries.map(([name, fault], i) => ({ name, fault, place: (i + 0.5) / entries.length }));
  });
  all.sort((a, b) => a.place - b.place);
  return Object.fromEntries(all.map(({ name, fault }) => [name, fault]));
}

/** Why faults cannot be made with that fleet. */
export function impossibleFaults({ disk, qwen3 }: Fleet): Record<string, string> {
  const reasons = {
    disk: disk ? null : "there is no small disk: this user may not mount one, or none was wanted",
    qwen3: qwen3 ? null : "no origin speaks with Qwen3 models here: none was wanted",
  };
  return Object.fromEntries(
    Object.entries(faults).flatMap(([name, { needs = [] }]) => {
      const reason = needs.flatMap((need) => reasons[need] ?? []).join("; ");
      return reason ? [[name, reason]] : [];
    }),
  );
}
