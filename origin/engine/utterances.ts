import { ApiError } from "../../shared/api-error.ts";
import type { Utterance, UtteranceEnd } from "./engine.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import type { ToChild, ToParent } from "./protocol.ts";
import { createThroughput } from "./throughput.ts";

/** Totals over all processes of an engine. */
export interface EngineCounters {
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
  ): AsyncGenerator<Float32Array, UtteranceEnd>;
  /** Hands a message over to the reader it is for, if there still is one. */
  receive(message: ToParent): void;
  failAll(error: ApiError): void;
  /** What all of them would get together if there were one more, in samples per second; undefined while unknown. */
  speedWithOneMore(): number | undefined;
}

export function createUtterances(counters: EngineCounters): Utterances {
  const inboxes = new Map<number, Inbox>();
  const throughput = createThroughput(() => inboxes.size);

  return {
    async *speak(send, utterance, signal) {
      const id = counters.utterances++;
      const inbox = createInbox();
      inboxes.set(id, inbox);
      let underWay = true;
      const cancel = () => {
        if (underWay) send({ type: "cancel", id });
        underWay = false;
      };
      const onAbort = () => {
        cancel();
        inbox.fail(signal.reason);
      };
      signal.addEventListener("abort", onAbort);
      try {
        send({ type: "speak", id, utterance });
        for (;;) {
          const item = await throughput.waitFor(inbox.take());
          if (!(item instanceof Float32Array)) {
            underWay = false;
            return item;
          }
          send({ type: "credit", id, samples: item.length });
          yield item;
        }
      } finally {
        cancel();
        signal.removeEventListener("abort", onAbort);
        inboxes.delete(id);
      }
    },
    receive(message) {
      switch (message.type) {
        case "chunk":
          counters.chunks++;
          throughput.heard(message.samples.length);
          return inboxes.get(message.id)?.put(message.samples);
        case "end":
          return inboxes.get(message.id)?.put(message.end);
        case "error":
          return inboxes.get(message.id)?.fail(new ApiError(message.error));
      }
    },
    failAll(error) {
      for (const inbox of inboxes.values()) inbox.fail(error);
    },
    speedWithOneMore: () => throughput.with(inboxes.size + 1),
  };
}
