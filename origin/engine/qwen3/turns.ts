/**
 * Who is served next. Streams come in the order in which their listeners run dry, each taken to begin to listen with its
 * first sound, and a step is as short as the first of them needs. Prompts are read between steps: as many as nobody runs
 * dry by, and one that has been put off for a step in any case, so that neither newcomers nor streams under way ever wait
 * for all of the others. What its listener hears only after another is spoken when nobody runs dry by it: a machine slower
 * than speech speaks a text in its order, and one that is faster shares its steps between the parts of it.
 */

import type { Device } from "../../model/device/device.ts";
import { type Average, createAverage } from "../average.ts";

/** Somebody who waits for sound. */
export interface Candidate extends Needs {
  /** Whether its prompt has not been read yet. That is done alone, and makes one frame. */
  readonly isPrompt: boolean;
  readonly promptPositions: number;
  /** How many it will be, about. */
  readonly expectedFrames: number;
  /** What its listener hears before it, as long as there is more of that to come. */
  readonly before: Needs | null;
}

/** What a listener needs. */
export interface Needs {
  /** Frames before there is more sound; at least 1. */
  readonly missingFrames: number;
  /** When all there is has been heard, in seconds. */
  readonly dryAt: number;
  /** As a frame is played. */
  readonly secondsPerFrame: number;
  /** To play of what has not been made, about. */
  readonly secondsLeft: number;
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
  /**
   * The next turn among these, who came in this order; there is at least one. None when all of them have to wait for what
   * is heard before them. `now` is in seconds.
   */
  next(candidates: readonly C[], now: number): Turn<C> | null;
  /** A turn has taken so long, without what was decoded of it. */
  took(turn: Turn<C>, seconds: number): void;
  /** So many frames of a stream were decoded in that time. */
  decoded(frames: number, seconds: number): void;
}

/** An average whose guess counts for nothing once there is a value. */
function createMeasure(guess: number): Average {
  let average: Average | undefined;
  return {
    get value() {
      return average?.value ?? guess;
    },
    add(value) {
      average ??= createAverage(value);
      average.add(value);
    },
  };
}

/** What ends sooner is nearly over. */
const dueSeconds = 2.5;

/** Guesses that serve until there are measures. */
const positionSeconds = 0.002;
const firstFrameSeconds = 0.04;

export interface TurnsOptions {
  /** Whether sound is decoded while steps are made; else they take turns. */
  decodesBeside?: boolean;
}

export function createTurns<C extends Candidate>(
  limits: StepLimits,
  { decodesBeside = false }: TurnsOptions = {},
): Turns<C> {
  /** What prompts take for each position. */
  const promptSeconds = createMeasure(positionSeconds);
  /** Of a step, by rows; and of all steps. */
  const frameSeconds = createMeasure(firstFrameSeconds);
  const codecSeconds = createMeasure(firstFrameSeconds / 2);
  const sharedSeconds = new Map<number, Average>();
  /** Prompts that have been put off for a step. */
  const passedOver = new WeakSet<C>();
  let wasPrompt = false;

  const timeOf = ({ promptPositions }: C) => promptPositions * promptSeconds.value;

  /** Whether there is time for a prompt before a step that must not be late for this one. */
  function hasTime({ dryAt, missingFrames }: Needs, prompt: C, now: number): boolean {
    return now + timeOf(prompt) + missingFrames * (frameSeconds.value + codecSeconds.value) < dryAt;
  }

  function mustBeRead(prompt: C): boolean {
    return passedOver.has(prompt) && !wasPrompt;
  }

  /** Of a frame of so many rows, decoded; where it is not known, as if each took as long as with fewer. */
  function secondsOf(rows: number): number {
    const known = [...sharedSeconds.keys()].filter((count) => count <= rows);
    const nearest = Math.max(0, ...known);
    const seconds = sharedSeconds.get(nearest)?.value ?? frameSeconds.value;
    const [stepped, decoded] = [seconds * (rows / Math.max(1, nearest)), rows * codecSeconds.value];
    return decodesBeside ? Math.max(stepped, decoded) : stepped + decoded;
  }

  /** Those ahead, of whom each may take part in a step of so many frames, since nobody who is heard runs dry by it. */
  function sharers(ahead: readonly C[], members: readonly C[], frames: number, now: number): C[] {
    const [first] = members;
    const sharing: C[] = [];
    for (const one of ahead.slice(0, limits.rows - members.length)) {
      const seconds = frames * secondsOf(members.length + sharing.length + 1);
      const isInTime = (heard: Needs) => heard.dryAt - now > Math.max(comfortSeconds, seconds);
      const heard = [first, one.before].filter((needs) => needs != null);
      if (heard.every(isInTime)) sharing.push(one);
    }
    return sharing;
  }

  /** Of those who are heard now. */
  function turnOfHeard(prompts: readonly C[], running: readonly C[], now: number): Turn<C> | null {
    const [prompt] = prompts;
    const [first] = running;
    if (prompt && (!first || hasTime(first, prompt, now) || mustBeRead(prompt))) {
      return { members: [prompt], frames: 1 };
    }
    if (!first) return null;
    for (const waiting of prompts) passedOver.add(waiting);
    const ahead = first.dryAt - now;
    const group = running.slice(0, limits.rows);
    const isShort = prompt !== undefined || ahead < comfortSeconds;
    return {
      members:
        ahead > wantSeconds ? group : group.filter(({ dryAt }) => dryAt - now < enoughSeconds),
      frames: isShort ? Math.min(limits.frames, first.missingFrames) : limits.frames,
    };
  }

  /** Whether it takes longer to make alone than to hear. */
  function isTooSlowFor(one: C): boolean {
    const { expectedFrames, secondsPerFrame } = one;
    return timeOf(one) + expectedFrames * secondsOf(1) > expectedFrames * secondsPerFrame;
  }

  /**
   * Whether it is heard so soon that a machine too slow for its listener makes it with what he hears before: rows that share
   * a step are cheaper, so he waits less in all.
   */
  function isDue(one: C): boolean {
    const { before } = one;
    if (!before) return true;
    return before.secondsLeft < dueSeconds && isTooSlowFor(one);
  }

  function next(candidates: readonly C[], now: number): Turn<C> | null {
    const sorted = [...candidates].sort((a, b) => a.dryAt - b.dryAt);
    const ahead = sorted.filter((one) => !isDue(one));
    const running = sorted.filter((one) => isDue(one) && !one.isPrompt);
    const prompts = candidates.filter((one) => isDue(one) && one.isPrompt);

    const turn = turnOfHeard(prompts, running, now);
    if (turn?.members[0]?.isPrompt) return turn;
    const early = ahead.find(({ isPrompt }) => isPrompt);
    const waiting = early ? [running[0], early.before].filter((needs) => needs != null) : [];
    if (early && prompts.length === 0 && waiting.every((one) => hasTime(one, early, now))) {
      return { members: [early], frames: 1 };
    }
    const frames = turn?.frames ?? limits.frames;
    const members = turn?.members ?? [];
    const sharing = sharers(
      ahead.filter(({ isPrompt }) => !isPrompt),
      members,
      frames,
      now,
    );
    return members.length + sharing.length > 0
      ? { members: [...members, ...sharing], frames }
      : null;
  }

  return {
    next(candidates, now) {
      const turn = next(candidates, now);
      wasPrompt = turn?.members[0]?.isPrompt ?? false;
      return turn;
    },
    took({ members, frames }, seconds) {
      const [first] = members;
      // It has been read by now, and does not look like one any more.
      if (wasPrompt && first) return promptSeconds.add(seconds / first.promptPositions);
      frameSeconds.add(seconds / frames);
      const shared = sharedSeconds.get(members.length) ?? createAverage(seconds / frames);
      sharedSeconds.set(members.length, shared);
      shared.add(seconds / frames);
    },
    decoded(frames, seconds) {
      if (frames > 0) codecSeconds.add(seconds / frames);
    },
  };
}
