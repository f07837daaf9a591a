import type { Playback, PlaybackEvents } from "./playback.ts";
import type { Samples } from "./samples-of-pcm.ts";

/** How far ahead of the clock the first sound is scheduled, so that it is not late. */
const leadSeconds = 0.04;

interface Scheduled {
  source: AudioBufferSourceNode;
  /** On the context's clock. */
  at: number;
  /** Into the sound. */
  from: number;
  seconds: number;
}

/** Plays samples while they arrive, by Web Audio. `append` is of no use: whoever adds to `samples` says so by `grown`. */
export function playSamples(
  samples: Samples,
  events: PlaybackEvents,
): Playback & { grown(): void } {
  const context = new AudioContext({ sampleRate: samples.sampleRate });
  let scheduled: Scheduled[] = [];
  /** Up to which sample the sound has been scheduled. */
  let cursor = 0;
  let wantsToPlay = false;
  let isWhole = false;
  let hasStarted = false;
  let over = false;

  function schedule(): void {
    const count = samples.length - cursor;
    if (!wantsToPlay || count <= 0) return;
    const buffer = context.createBuffer(1, count, samples.sampleRate);
    buffer.copyToChannel(samples.slice(cursor), 0);
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    const last = scheduled.at(-1);
    const at = Math.max(context.currentTime + leadSeconds, last ? last.at + last.seconds : 0);
    source.start(at);
    const part = { source, at, from: cursor / samples.sampleRate, seconds: buffer.duration };
    source.addEventListener("ended", () => {
      if (part !== scheduled.at(-1)) return;
      if (isWhole && cursor === samples.length) stopPlaying(true);
    });
    scheduled.push(part);
    cursor = samples.length;
    if (hasStarted) return;
    hasStarted = true;
    setTimeout(() => events.started?.(), (at - context.currentTime) * 1000);
  }

  function stopPlaying(atEnd: boolean): void {
    wantsToPlay = false;
    over = atEnd;
    events.changed?.();
  }

  function position(): number {
    const now = context.currentTime;
    const current = scheduled.findLast(({ at }) => at <= now) ?? scheduled[0];
    if (!current) return cursor / samples.sampleRate;
    return current.from + Math.min(Math.max(0, now - current.at), current.seconds);
  }

  function goTo(seconds: number): void {
    for (const { source } of scheduled) source.stop();
    scheduled = [];
    over = false;
    cursor = Math.min(Math.round(seconds * samples.sampleRate), samples.length);
    schedule();
    events.changed?.();
  }

  return {
    get position() {
      return position();
    },
    get isPlaying() {
      return wantsToPlay;
    },
    append() {},
    grown: schedule,
    finish() {
      isWhole = true;
    },
    play() {
      const isAtEnd = over || (isWhole && cursor > 0 && position() >= samples.seconds);
      wantsToPlay = true;
      void context.resume();
      if (isAtEnd) goTo(0);
      else schedule();
      events.changed?.();
    },
    pause() {
      void context.suspend();
      stopPlaying(false);
    },
    seek: goTo,
    close() {
      wantsToPlay = false;
      scheduled = [];
      void context.close();
    },
  };
}
