/**
 * Who may begin to speak. Everything is counted before an answer's first byte, so that what cannot be spoken well is
 * refused, and with an honest guess at when it could be.
 */
import { unavailable } from "../../shared/api-error.ts";
import { createAverage } from "../engine/average.ts";
import type { SupervisedEngine } from "../engine/supervisor.ts";
import { keyValueBytes as bytesOf, type KeyValueSizes } from "../model/generate/key-value-bytes.ts";
import { delaySeconds, secondsUntilInTime } from "./delay.ts";

export interface AdmissionLimits {
  /** Answers spoken at once; those that wait for their models are not counted. */
  maxActive: number;
  /** What all of them may need for keys and values. */
  keyValueBytes: number;
  /** How long a listener may have to wait because of the others, in all. */
  maxWaitSeconds: number;
}

/**
 * How soon an answer is wanted. Those of a batch come after others: they take half of the places at most, and may hold
 * listeners up half as long. One of a job gives way to all others as it goes on, and has a place beside theirs.
 */
export type Urgency = "interactive" | "batch" | "job";

/** Who asks, and how soon it is wanted. */
export interface Entry {
  urgency?: Urgency | undefined;
  /** Of a key of an edge; whoever asks the origin itself has none, and no share of his own. */
  caller?: string | undefined;
}

/** What one answer asks of its engine. */
export interface StreamNeeds {
  engine: Pick<SupervisedEngine, "speedWith"> & { readonly keyValues: KeyValueSizes | null };
  /** Of each utterance that is spoken for it at once, at most. */
  positions: readonly number[];
  /** How long the speech will be, about. */
  expectedSeconds: number;
  /** How much of it has been spoken. */
  spokenSeconds(): number;
}

interface Stream extends StreamNeeds {
  urgency: Urgency;
  caller: string | undefined;
  /** When it began, by the clock of `performance.now()`. */
  since: number;
}

/** Of what has said less, the pace is not known. */
const leastSpokenSeconds = 1;

/** One answer. */
export interface AdmissionSlot {
  /**
   * Takes a slot, and counts what the answer needs from now on. Throws an ApiError (503) when there is no slot, or too
   * much is needed at present.
   */
  occupy(needs: StreamNeeds): void;
  /** Gives everything back; again does nothing. */
  leave(): void;
}

export interface Admission {
  /** Announces an answer. Throws an ApiError (503) when all places are occupied or the server stops. */
  enter(entry?: Entry): AdmissionSlot;
  /** Answers under way. */
  readonly active: number;
  /** Of them, those that are not of jobs. */
  readonly listeners: number;
  readonly limits: AdmissionLimits;
  /** What the answers under way may need for keys and values. */
  readonly keyValueBytes: number;
  /** Seconds of speech that the answers under way have still to make, about; of those that wait for models nothing is known. */
  readonly owedSeconds: number;
  /** Refuses newcomers from now on; resolves when the last answer has left. */
  drain(): Promise<void>;
  readonly draining: boolean;
}

export function createAdmission(limits: AdmissionLimits): Admission {
  const { maxActive, maxWaitSeconds } = limits;
  const slots = new Map<AdmissionSlot, Stream | undefined>();
  const jobSlots = new Set<AdmissionSlot>();
  /** Seconds that an answer takes for each of its speech: guessed as slow as it is heard. */
  const pace = createAverage(1);
  let emptied: (() => void) | undefined;
  let draining = false;

  const streams = () => [...slots.values()].filter((needs) => needs !== undefined);

  /** What the streams of all engines may hold together: those of one share its calls. */
  function keyValueBytes(some: readonly StreamNeeds[]): number {
    const byEngine = new Map<StreamNeeds["engine"], number[]>();
    for (const { engine, positions } of some) {
      byEngine.set(engine, [...(byEngine.get(engine) ?? []), ...positions]);
    }
    return Array.from(byEngine, ([{ keyValues }, positions]) =>
      keyValues ? bytesOf(keyValues, positions) : 0,
    ).reduce((sum, bytes) => sum + bytes, 0);
  }

  function paceOf({ since, spokenSeconds }: Stream): number | undefined {
    const spoken = spokenSeconds();
    if (spoken < leastSpokenSeconds) return undefined;
    return (performance.now() - since) / 1000 / spoken;
  }

  const owedBy = ({ expectedSeconds, spokenSeconds }: StreamNeeds) =>
    Math.max(0, expectedSeconds - spokenSeconds());

  /** The streams with the seconds until they end, by their length and as fast as they went so far; the first first. */
  function endings(): { stream: Stream; seconds: number }[] {
    return streams()
      .map((stream) => ({ stream, seconds: owedBy(stream) * (paceOf(stream) ?? pace.value) }))
      .sort((a, b) => a.seconds - b.seconds);
  }

  const maxOf = {
    interactive: { active: maxActive, waitSeconds: maxWaitSeconds },
    batch: { active: Math.max(1, Math.floor(maxActive / 2)), waitSeconds: maxWaitSeconds / 2 },
    job: { active: 1, waitSeconds: Infinity },
  } as const satisfies Record<Urgency, unknown>;

  /**
   * A key that is being spoken to leaves the others room: its further answers leave a quarter of the places free, and may
   * hold listeners up half as long as a first one, whose turn so comes at once.
   */
  function limitsOf({ urgency, caller }: Pick<Stream, "urgency" | "caller">) {
    const { active, waitSeconds } = maxOf[urgency];
    const isFirst = caller === undefined || !pressing().some((other) => other.caller === caller);
    // A batch has less than a key's share anyhow.
    if (isFirst || urgency !== "interactive") return { active, waitSeconds, isShared: false };
    const shared = Math.max(1, Math.ceil((maxActive * 3) / 4));
    return { active: Math.min(active, shared), waitSeconds: waitSeconds / 2, isShared: true };
  }

  /** Of those that give way nobody has to be afraid. */
  const pressing = () => streams().filter(({ urgency }) => urgency !== "job");

  function requirePlace({ urgency, caller }: Pick<Stream, "urgency" | "caller">): void {
    const isFull = urgency !== "job" && pressing().length >= maxActive;
    const { active, isShared } = limitsOf({ urgency, caller });
    const alike = streams().filter((other) =>
      isShared ? other.caller === caller && other.urgency !== "job" : other.urgency === urgency,
    ).length;
    if (!isFull && alike < active) return;
    const message = isFull
      ? `All ${maxActive} places for speech are taken.`
      : `All ${active} places for speech of this ${isShared ? "key" : "kind"} are taken.`;
    throw unavailable("server_is_overloaded", message, endings()[0]?.seconds ?? 0);
  }

  function requireMemory(needs: StreamNeeds): void {
    const used = keyValueBytes(streams());
    const needed = keyValueBytes([...streams(), needs]);
    // Alone, a stream that needs more than there should be is better spoken than refused for ever.
    if (used === 0 || needed === used || needed <= limits.keyValueBytes) return;
    const message = "The streams under way leave too little memory for this text.";
    throw unavailable("server_is_overloaded", message, secondsUntilRoom(needs));
  }

  function secondsUntilRoom(needs: StreamNeeds): number {
    const ends = endings();
    const enough = ends.findIndex((_, index) => {
      const left = ends.slice(index + 1).map(({ stream }) => stream);
      return keyValueBytes([...left, needs]) <= limits.keyValueBytes;
    });
    // If it never is enough, the last of them must have ended.
    return ends.at(enough)?.seconds ?? 0;
  }

  function requireTime(
    { engine, expectedSeconds }: StreamNeeds,
    entry: Pick<Stream, "urgency" | "caller">,
  ): void {
    const { waitSeconds } = limitsOf(entry);
    const owed = pressing()
      .filter((other) => other.engine === engine)
      .map(owedBy);
    const speed = engine.speedWith(owed.length + 1);
    if (owed.length === 0 || speed === undefined) return;
    const seconds = delaySeconds(expectedSeconds, owed, speed);
    if (seconds <= waitSeconds) return;
    throw unavailable(
      "server_is_overloaded",
      `With the streams under way this text would be spoken ${Math.ceil(seconds)} seconds late.`,
      secondsUntilInTime(expectedSeconds, owed, speed, waitSeconds),
    );
  }

  return {
    enter({ urgency = "interactive", caller } = {}) {
      if (draining) throw unavailable("server_stopping", "The server is being stopped.", 1);
      const entry = { urgency, caller };
      requirePlace(entry);
      const slot: AdmissionSlot = {
        occupy(needs) {
          requirePlace(entry);
          requireMemory(needs);
          requireTime(needs, entry);
          slots.set(slot, { ...needs, ...entry, since: performance.now() });
        },
        leave() {
          const stream = slots.get(slot);
          if (!slots.delete(slot)) return;
          jobSlots.delete(slot);
          const took = stream && paceOf(stream);
          if (took !== undefined) pace.add(took);
          if (slots.size === 0) emptied?.();
        },
      };
      slots.set(slot, undefined);
      if (urgency === "job") jobSlots.add(slot);
      return slot;
    },
    get active() {
      return slots.size;
    },
    get listeners() {
      return slots.size - jobSlots.size;
    },
    limits,
    get keyValueBytes() {
      return keyValueBytes(streams());
    },
    get owedSeconds() {
      return streams().reduce((sum, stream) => sum + owedBy(stream), 0);
    },
    async drain() {
      draining = true;
      if (slots.size > 0) await new Promise<void>((resolve) => (emptied = resolve));
    },
    get draining() {
      return draining;
    },
  };
}
