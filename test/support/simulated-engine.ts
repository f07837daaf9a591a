import { setImmediate as nextTurn } from "node:timers/promises";
import { createCredit } from "../../origin/engine/credit.ts";
import type { Engine } from "../../origin/engine/engine.ts";
import { createInbox } from "../../origin/engine/inbox.ts";
import { maxSamplesAhead } from "../../origin/engine/protocol.ts";
import { createScheduler } from "../../origin/engine/qwen3/scheduler.ts";
import type { StepLimits } from "../../origin/engine/qwen3/turns.ts";
import type { Stream } from "../../origin/model/generate/generator.ts";

const codebooks = 16;
const sampleRate = 24_000;
const samplesPerFrame = 1920;
/** Of every utterance; what they take to read is among the costs. */
const promptPositions = 50;
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

/** An engine whose clock only its work moves on, and nothing else while there is some. */
function createMachine(costs: Costs, limits: StepLimits) {
  let now = 0;
  let busySeconds = 0;
  let sharedSteps = 0;
  const steps: { rows: number; frames: number }[] = [];
  const promptSteps = new Map<Stream, number>();
  const events: { at: number; run(): void }[] = [];

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
      reusedPositions: 0,
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
      release() {},
    },
    limits,
    codebooks,
    secondsPerFrame,
    clock: () => now,
  });

  return {
    now: () => now,
    waitUntil: (at: number) => new Promise<void>((resolve) => schedule(at, resolve)),
    schedule,
    steps,
    sharedSteps: () => sharedSteps,
    stepsBeforePrompt: (stream: Stream) => promptSteps.get(stream) ?? 0,
    busySeconds: () => busySeconds,
    open(frames: number, listener?: Parameters<typeof scheduler.open>[2]["listener"]) {
      const stream: Simulated = { frames: 0, finish: null, total: frames };
      const codec = {
        async push(codes: BigInt64Array) {
          const made = codes.length / codebooks;
          work(costs.codec * made);
          return new Float32Array(made * samplesPerFrame).fill(0.1);
        },
        close() {},
      };
      return {
        stream,
        voice: scheduler.open(stream, codec, { promptPositions, expectedFrames: frames, listener }),
      };
    },
    async runUntil(isDone: () => boolean): Promise<void> {
      while (!isDone()) {
        const before = steps.length;
        for (let turn = 0; turn < 8; turn++) await nextTurn();
        const [next] = events;
        if (steps.length > before || !next) continue;
        now = Math.max(now, next.at);
        runDue();
      }
    },
  };
}

/** Speaks to listeners through the scheduler. */
export async function simulate(listeners: readonly Listener[], costs: Costs, limits: StepLimits) {
  const machine = createMachine(costs, limits);
  const { now } = machine;
  const heard: Heard[] = [];

  async function listen(listener: Listener): Promise<void> {
    const stepsBefore = machine.sharedSteps();
    const { stream, voice } = machine.open(listener.frames);
    let firstSoundSeconds: number | undefined;
    let silentSeconds = 0;
    let dryAt = 0;
    for (;;) {
      const { codes, finish } = await voice.next(new AbortController().signal);
      const seconds = (codes.length / codebooks) * secondsPerFrame;
      if (seconds > 0) {
        if (firstSoundSeconds === undefined) firstSoundSeconds = now() - listener.at;
        else silentSeconds += Math.max(0, now() - dryAt);
        dryAt = Math.max(dryAt, now()) + seconds;
      }
      if (finish) break;
      const resumeAt = dryAt - creditSeconds;
      if (listener.isPaced && resumeAt > now()) await machine.waitUntil(resumeAt);
    }
    heard.push({
      ...listener,
      stepsWaited: machine.stepsBeforePrompt(stream) - stepsBefore + 1,
      firstSoundSeconds: firstSoundSeconds ?? 0,
      silentSeconds,
    });
  }

  for (const listener of listeners) machine.schedule(listener.at, () => void listen(listener));
  await machine.runUntil(() => heard.length === listeners.length);
  return { heard, steps: machine.steps, seconds: now(), busySeconds: machine.busySeconds() };
}

export interface Reader {
  /** As of `Listener`. */
  isPaced: boolean;
  /** Of sound, after which it leaves; to the end by default. */
  maxSeconds?: number;
}

/** What became of a reader of whole texts. */
export interface Played {
  /** Of silence between its first sound and its last. */
  gapSeconds: number;
  /** From its coming to the last sound that it took. */
  seconds: number;
  audioSeconds: number;
}

/**
 * Has readers take what `speak` makes of an engine, all at once. The engine sends chunks as one in a process of its own does:
 * ahead of its reader by its credit.
 */
export async function simulateTexts(
  speak: (engine: Pick<Engine, "sampleRate" | "synthesize">) => AsyncIterable<Float32Array>,
  readers: readonly Reader[],
  costs: Costs,
  limits: StepLimits,
) {
  const machine = createMachine(costs, limits);
  const { now } = machine;
  const played: Played[] = [];
  const engine: Pick<Engine, "sampleRate" | "synthesize"> = {
    sampleRate,
    async *synthesize({ text }, signal, _onWords, listener) {
      const { voice } = machine.open(framesOf(text), listener);
      const inbox = createInbox();
      const credit = createCredit(maxSamplesAhead);
      const send = async () => {
        for (;;) {
          const { pcm, finish } = await voice.next(signal);
          if (pcm.length > 0) inbox.put(pcm);
          if (finish) inbox.put({ finish, inputTokens: 0, instructionTokens: 0 });
          if (finish) return;
          await credit.spend(pcm.length);
        }
      };
      void send()
        .catch(inbox.fail)
        .finally(() => voice.close());
      for (;;) {
        const item = await inbox.take();
        if (!(item instanceof Float32Array)) return item;
        credit.grant(item.length);
        yield item;
      }
    },
  };

  async function read({ isPaced, maxSeconds = Number.POSITIVE_INFINITY }: Reader): Promise<void> {
    let dryAt: number | undefined;
    let gapSeconds = 0;
    let audioSeconds = 0;
    for await (const { length } of speak(engine)) {
      if (length === 0) continue;
      dryAt ??= now();
      gapSeconds += Math.max(0, now() - dryAt);
      dryAt = Math.max(dryAt, now()) + length / sampleRate;
      audioSeconds += length / sampleRate;
      if (audioSeconds >= maxSeconds) break;
      if (isPaced && dryAt - creditSeconds > now()) await machine.waitUntil(dryAt - creditSeconds);
    }
    played.push({ gapSeconds, seconds: now(), audioSeconds });
  }

  for (const reader of readers) machine.schedule(0, () => void read(reader));
  await machine.runUntil(() => played.length === readers.length);
  return { played, steps: machine.steps };
}

/** About as many as a speaker takes for a text. */
function framesOf(text: string): number {
  return Math.max(6, Math.round((0.065 * text.length) / secondsPerFrame));
}
