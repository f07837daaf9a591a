import type { OutboxLimits } from "./outbox.ts";

export interface SocketLimits extends OutboxLimits {
  /** How long a session outlives its connection. */
  resumeMs: number;
  /** Until the first message. */
  firstMessageMs: number;
  /** Between messages, while no context is open. */
  idleMs: number;
  /** Of a context that has nothing to say. */
  contextIdleMs: number;
  /** Of messages that were refused, in a session. */
  maxErrors: number;
}

export const defaultSocketLimits: SocketLimits = {
  keptBytes: 4 * 1024 * 1024,
  keptMs: 30_000,
  bufferedBytes: 256 * 1024,
  stallMs: 60_000,
  resumeMs: 30_000,
  firstMessageMs: 30_000,
  idleMs: 180_000,
  contextIdleMs: 20_000,
  maxErrors: 100,
};
