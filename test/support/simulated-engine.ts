import { setImmediate as nextTurn } from "node:timers/promises";
import { createScheduler } from "../../origin/engine/qwen3/scheduler.ts";
import type { StepLimits } from "../../origin/engine/qwen3/turns.ts";
import type { Stream } from "../../origin/model/generate/generator.ts";

const codebooks = 16;
const secondsPerFrame = 0.08;
/** How far an engine works ahead of a reader that takes its time. */
const creditSeconds = 2;

/** Seconds that an engine's work takes. */
export interface Costs {
  prompt: number;
  /** Of a frame of a step, and more for every row. */
  frame: number;
  row: number;
  /** To decode a frame of a stream. */
  codec: number;
}

export interface Listener {
  /** When it comes, in seconds. */
  at: number;
  frames: number;
  /** Whether it takes the sound no faster than it plays it; else as fast as it is made. */
  isPaced: boolean;
}

/** What became of a listener. */
export interface Heard extends Listener {
  /** Steps that were made between its coming and that which reads its prompt, with the one under way. */
  stepsWaited: number;
  firstSoundSeconds: number;
  /** Of silence between its first sound and its last. */
  silentSeconds: number;
}

/** Speaks to listeners through the scheduler, on a clock that only work moves on, and nothing else while there is some. */
export async function simulate(listeners: readonly Listener[], costs: Costs, limits: StepLimits) {
  let now = 0;
  let busySeconds = 0;
  let sharedSteps = 0;
  const steps: { rows: number; frames: number }[] = [];
  const promptSteps = new Map<Stream, number>();
  const events: { at: number; run(): void }[] = [];
  const heard: Heard[] = [];

  function schedule(at: number, run: () => void): void {
    const later = events.findIndex((event) => event.at > at);
    events.splice(later < 0 ? events.length : later, 0, { at, run });
  }

  function runDue(): void {
    for (let next = events[0]; next && next.at <= now; next = events[0]) {
      events.shift();
      next.run();
    }
  }

  function work(seconds: number): void {
    now += seconds;
    busySeconds += seconds;
    runDue();
  }

  interface Simulated extends Stream {
    frames: number;
    finish: "stop" | null;
    total: number;
  }
  const scheduler = createScheduler({
    generator: {
      async step(streams, frames) {
        const isPrompt = streams.some((stream) => stream.frames === 0);
        if (isPrompt && streams.length > 1) throw new Error("a prompt must be read alone");
        for (const stream of streams) if (isPrompt) promptSteps.set(stream, sharedSteps);
        if (!isPrompt) sharedSteps++;
        steps.push({ rows: streams.length, frames });
        const perFrame = costs.frame + costs.row * streams.length;
        work(isPrompt ? costs.prompt + perFrame : perFrame * frames);
        return (streams as Simulated[]).map((stream) => {
          const made = Math.min(frames, stream.total - stream.frames);
          stream.frames += made;
          if (made < frames) stream.finish = "stop";
          return { codes: new BigInt64Array(made * codebooks), finish: stream.finish };
        });
      },
    },
    limits,
    codebooks,
    secondsPerFrame,
    clock: () => now,
  });

  async function listen(listener: Listener): Promise<void> {
    const stepsBefore = sharedSteps;
    const stream: Simulated = { frames: 0, finish: null, total: listener.frames };
    const voice = scheduler.open(stream, {
      async push(codes) {
        work((costs.codec * codes.length) / codebooks);
        return new Float32Array(codes.length);
      },
    });
    let firstSoundSeconds: number | undefined;
    let silentSeconds = 0;
    let dryAt = 0;
    for (;;) {
      const { codes, finish } = await voice.next(new AbortController().signal);
      const seconds = (codes.length / codebooks) * secondsPerFrame;
      if (seconds > 0) {
        if (firstSoundSeconds === undefined) firstSoundSeconds = now - listener.at;
        else silentSeconds += Math.max(0, now - dryAt);
        dryAt = Math.max(dryAt, now) + seconds;
      }
      if (finish) break;
      const resumeAt = dryAt - creditSeconds;
      if (listener.isPaced && resumeAt > now) {
        await new Promise<void>((resolve) => schedule(resumeAt, resolve));
      }
    }
    heard.push({
      ...listener,
      stepsWaited: (promptSteps.get(stream) ?? 0) - stepsBefore + 1,
      firstSoundSeconds: firstSoundSeconds ?? 0,
      silentSeconds,
    });
  }

  for (const listener of listeners) schedule(listener.at, () => void listen(listener));
  while (heard.length < listeners.length) {
    const before = steps.length;
    for (let turn = 0; turn < 4; turn++) await nextTurn();
    const [next] = events;
    if (steps.length > before || !next) continue;
    now = Math.max(now, next.at);
    runDue();
  }
  return { heard, steps, seconds: now, busySeconds };
}
