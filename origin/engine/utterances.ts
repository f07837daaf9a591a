import { ApiError } from "../../shared/api-error.ts";
import type { HearWords, Listener, LogBindings, Utterance, UtteranceEnd } from "./engine.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import { type EngineWork, noWork, type ToChild, type ToParent } from "./protocol.ts";
import { type Quarantine, utteranceKey } from "./quarantine.ts";
import { createThroughput } from "./throughput.ts";

/** Totals over all processes of an engine. */
export interface EngineCounters extends EngineWork {
  utterances: number;
  /** Chunks the processes have sent, whether or not anybody read them. */
  chunks: number;
  restarts: number;
}

/** The parent's side of the protocol: the utterances under way, and what has arrived of each. */
export interface Utterances {
  /** Speaks one through the process behind `send`, as `Engine.synthesize` promises. */
  speak(
    send: (message: ToChild) => void,
    utterance: Utterance,
    signal: AbortSignal,
    onWords?: HearWords,
    listener?: Listener,
    bindings?: LogBindings,
  ): AsyncGenerator<Float32Array, UtteranceEnd>;
  /** Whom those under way are for, as far as it is known, each once. */
  readonly underWay: LogBindings[];
  /** Hands a message over to the reader it is for, if there still is one. */
  receive(message: Exclude<ToParent, { type: "encoded" | "notEncoded" }>): void;
  failAll(error: ApiError): void;
  /** The process has died: remembers what it, or what else was under way, may have died of. Returns whether that is known. */
  processDied(others?: readonly string[]): boolean;
  /** What so many of them get together, in samples per second; undefined while unknown. */
  speedWith(utterances: number): number | undefined;
}

interface UnderWay {
  inbox: Inbox;
  onWords?: HearWords | undefined;
  bindings?: LogBindings | undefined;
  /** See `utteranceKey`. */
  key: string;
  /** Whether nothing has come of it yet. */
  isNew: boolean;
}

export function createUtterances(counters: EngineCounters, quarantine: Quarantine): Utterances {
  const inboxes = new Map<number, UnderWay>();
  /** Of those who left before anything came, while the process has not said a word since. */
  const leftNew = new Set<string>();
  const throughput = createThroughput(() => inboxes.size);

  return {
    async *speak(send, utterance, signal, onWords, listener, bindings) {
      const key = utteranceKey(utterance);
      quarantine.admit(key);
      const id = counters.utterances++;
      const inbox = createInbox();
      const entry: UnderWay = { inbox, onWords, bindings, key, isNew: true };
      inboxes.set(id, entry);
      let underWay = true;
      const cancel = () => {
        signal.removeEventListener("abort", onAbort);
        if (inboxes.delete(id) && entry.isNew) leftNew.add(key);
        if (underWay) send({ type: "cancel", id });
        underWay = false;
      };
      // Nobody may come to read that it was aborted.
      const onAbort = () => {
        cancel();
        inbox.fail(signal.reason);
      };
      signal.addEventListener("abort", onAbort);
      try {
        send({
          type: "speak",
          id,
          utterance,
          wantsWords: onWords !== undefined,
          ...(listener ? { listener } : {}),
          ...(bindings ? { bindings } : {}),
        });
        for (;;) {
          const item = await throughput.waitFor(inbox.take());
          if (!(item instanceof Float32Array)) {
            underWay = false;
            quarantine.acquit(key);
            return item;
          }
          send({ type: "credit", id, samples: item.length });
          yield item;
        }
      } finally {
        cancel();
      }
    },
    get underWay() {
      const all = [...inboxes.values()].flatMap(({ bindings }) => (bindings ? [bindings] : []));
      // The segments of one answer share theirs.
      return [...new Set(all)];
    },
    receive(message) {
      leftNew.clear();
      const entry = "id" in message ? inboxes.get(message.id) : undefined;
      if (entry) entry.isNew = false;
      switch (message.type) {
        case "chunk":
          counters.chunks++;
          throughput.heard(message.samples.length);
          return entry?.inbox.put(message.samples);
        case "words":
          return entry?.onWords?.(message.words);
        case "end":
          return entry?.inbox.put(message.end);
        case "worked":
          return count(counters, message.work);
        case "error":
          return entry?.inbox.fail(new ApiError(message.error));
      }
    },
    failAll(error) {
      for (const { inbox } of inboxes.values()) inbox.fail(error);
    },
    processDied(others = []) {
      const newcomers = [...inboxes.values()].filter(({ isNew }) => isNew);
      const keys = new Set([...newcomers.map(({ key }) => key), ...leftNew, ...others]);
      leftNew.clear();
      return quarantine.engineDied(keys);
    },
    speedWith: throughput.with,
  };
}

function count(counters: EngineCounters, work: Partial<EngineWork>): void {
  for (const name of Object.keys(noWork) as (keyof EngineWork)[]) counters[name] += work[name] ?? 0;
}
