import type { SupervisedEngine } from "./supervisor.ts";

/** An engine that stays loaded until it is given back. */
export interface Lease {
  /** It may have failed, or fail at any time, and says so itself when it is asked to speak. */
  engine: SupervisedEngine;
  /** To be called once. */
  release(): void;
}
