import type { ModelRevision, RevisionRecord } from "./model-revision.ts";

/** A build of a model, and when it is known to have spoken, in Unix seconds. */
export interface SeenRevision extends ModelRevision {
  seen_at?: number | undefined;
}

/** A fleet has an engine on CPUs and one on GPUs, perhaps in two precisions each. */
const maxRevisions = 4;

/** A variant that has not spoken for so long while another did is taken for gone. Its files are found again when it is back. */
const goneSeconds = 60 * 60;

/** The builtin engine's dates were its versions once, in seconds from 1970 on. */
const lastBuiltinVersion = 99;

/** How old word of a revision gets before it is written anew. */
const staleSeconds = 15 * 60;

/** The builds that speak for a model, the newest first. */
export type Fleet = readonly SeenRevision[];

/**
 * The fleet once an answer by `made` has been heard at `now` (Unix seconds): the same array where nothing is to be
 * noted, and undefined where it is an older build than one whose place it would take. Of two that are as old as each
 * other the first stays, so that they do not take turns.
 */
export function hear(fleet: Fleet, made: ModelRevision, now: number): Fleet | undefined {
  const known = fleet.find(({ revision }) => revision === made.revision);
  const isAlone = fleet.length === 1;
  if (known && (isAlone || now - (known.seen_at ?? 0) < staleSeconds)) return fleet;

  const others = fleet.filter((other) => other !== known);
  const rivals = known ? [] : others.filter((other) => !speaksBeside(other, made));
  if (rivals.some((other) => !isNewer(made, other))) return undefined;
  const beside = others.filter(
    (other) => !rivals.includes(other) && now - (other.seen_at ?? now) < goneSeconds,
  );
  if (beside.length === 0) return [plain(known ?? made)];
  const all = [
    { ...plain(known ?? made), seen_at: now },
    ...beside.map((other) => seen(other, now)),
  ];
  return all.toSorted((a, b) => (isNewer(a, b) ? -1 : 1)).slice(0, maxRevisions);
}

export function fleetOf({ others = [], ...first }: RevisionRecord): Fleet {
  return [first, ...others].map(withStandIn);
}

/**
 * Records did not always say what stands in. The builtin engine's from then, taken for the model itself, would keep the
 * engine of today out of the cache for good.
 */
function withStandIn(revision: SeenRevision): SeenRevision {
  const isFromThen = revision.stand_in === undefined && revision.released_at <= lastBuiltinVersion;
  return isFromThen ? { ...revision, stand_in: "builtin" } : revision;
}

/** Undefined of a fleet of none. */
export function recordOf([first, ...others]: Fleet): RevisionRecord | undefined {
  if (!first) return undefined;
  return others.length > 0 ? { ...first, others } : first;
}

/** Whatever its age, a model comes before another one in its place, and that before the builtin engine. */
function isNewer(a: ModelRevision, b: ModelRevision): boolean {
  return (
    nearness(a) - nearness(b) > 0 || (nearness(a) === nearness(b) && a.released_at > b.released_at)
  );
}

function nearness({ stand_in }: ModelRevision): number {
  if (stand_in === undefined) return 2;
  return stand_in === "builtin" ? 0 : 1;
}

/** Two builds without a variant, of the same one, or of two models take each other's place. */
function speaksBeside(a: ModelRevision, b: ModelRevision): boolean {
  if (a.stand_in !== b.stand_in) return false;
  const [one, other] = [variantOf(a), variantOf(b)];
  return one !== undefined && other !== undefined && one !== other;
}

/** The builtin engine has a variant only where its default language is another than English. */
function variantOf({ variant, stand_in }: ModelRevision): string | undefined {
  return variant ?? (stand_in === "builtin" ? "english" : undefined);
}

function plain({ revision, released_at, variant, stand_in }: ModelRevision): SeenRevision {
  return {
    revision,
    released_at,
    ...(variant === undefined ? {} : { variant }),
    ...(stand_in === undefined ? {} : { stand_in }),
  };
}

/** Who was alone so far was not noted. */
function seen(other: SeenRevision, now: number): SeenRevision {
  return { ...other, seen_at: other.seen_at ?? now };
}
