/**
 * Who is served next. Streams come in the order in which their listeners run dry, each taken to begin to listen with its
 * first sound, and a step is as short as the first of them needs. Prompts are read between steps: as many as nobody runs
 * dry by, and one that has been put off for a step in any case, so that neither newcomers nor streams under way ever wait
 * for all of the others.
 */

import type { Device } from "../../model/device/device.ts";
import { createAverage } from "../average.ts";

/** Somebody who waits for sound. */
export interface Candidate {
  /** Whether its prompt has not been read yet. That is done alone, and makes one frame. */
  readonly isPrompt: boolean;
  /** Frames it needs before there is more sound; at least 1. */
  readonly missingFrames: number;
  /** When its listener has heard all there is, in seconds. */
  readonly dryAt: number;
}

export interface Turn<C> {
  members: readonly C[];
  frames: number;
}

export interface StepLimits {
  /** Streams that share a step. */
  rows: number;
  /** Frames of each. */
  frames: number;
}

/**
 * More rows make a step longer, and faster for each; more frames save what a call costs but for its frames, and hold up
 * those who come. Without loops, every row and frame is a call.
 */
export const stepLimits: Readonly<Record<Device, StepLimits>> = {
  cpu: { rows: 16, frames: 8 },
  cuda: { rows: 32, frames: 8 },
  webgpu: { rows: 8, frames: 4 },
};

/** Who has less to play than this is in want: those with more than enough leave the step to them. */
const wantSeconds = 0.3;
const enoughSeconds = 1.5;
/** With less to play, nobody is held up by frames that only others need. */
const comfortSeconds = 1;

export interface Turns<C> {
  /** The next turn among these, who came in this order; there is at least one. `now` is in seconds. */
  next(candidates: readonly C[], now: number): Turn<C>;
  /** A turn has taken so long. */
  took(turn: Turn<C>, seconds: number): void;
}

export function createTurns<C extends Candidate>(limits: StepLimits): Turns<C> {
  const promptSeconds = createAverage(0.1);
  const frameSeconds = createAverage(0.05);
  /** Prompts that have been put off for a step. */
  const passedOver = new WeakSet<C>();
  let wasPrompt = false;

  /** Whether there is time for a prompt before a step that must not be late for this one. */
  function hasTime({ dryAt, missingFrames }: C, now: number): boolean {
    return now + promptSeconds.value + missingFrames * frameSeconds.value < dryAt;
  }

  function mustBeRead(prompt: C): boolean {
    return passedOver.has(prompt) && !wasPrompt;
  }

  return {
    next(candidates, now) {
      const prompts = candidates.filter(({ isPrompt }) => isPrompt);
      const running = candidates.filter(({ isPrompt }) => !isPrompt);
      running.sort((a, b) => a.dryAt - b.dryAt);
      const [prompt] = prompts;
      const [first] = running;
      if (prompt && (!first || hasTime(first, now) || mustBeRead(prompt))) {
        wasPrompt = true;
        return { members: [prompt], frames: 1 };
      }
      if (!first) throw new RangeError("there is nobody whose turn it could be");
      wasPrompt = false;
      for (const waiting of prompts) passedOver.add(waiting);
      const ahead = first.dryAt - now;
      const group = running.slice(0, limits.rows);
      const isShort = prompt !== undefined || ahead < comfortSeconds;
      return {
        members:
          ahead > wantSeconds ? group : group.filter(({ dryAt }) => dryAt - now < enoughSeconds),
        frames: isShort ? Math.min(limits.frames, first.missingFrames) : limits.frames,
      };
    },
    took({ members: [first], frames }, seconds) {
      if (first?.isPrompt) promptSeconds.add(seconds);
      else frameSeconds.add(seconds / frames);
    },
  };
}
