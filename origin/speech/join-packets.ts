import { closable } from "../../shared/closable.ts";
import type { SpeechFrame } from "../../shared/frames/frame.ts";
import { joinBytes } from "../audio/join.ts";
import type { SpokenFrame } from "./tally.ts";

/** Until this much audio is out, its listener has nothing in hand, and each packet leaves by itself. */
const promptSeconds = 1;
const enoughSeconds = 0.2;
/** Of audio that is joined, and of time that it waits. */
const mostSeconds = 0.25;

/**
 * Joins the packets of an answer at `sampleRate` Hz into frames of about 200 ms once its first second is out: at the
 * edge each frame has its price, however small. What waits leaves before an event, the end or a failure, and after
 * 250 ms if the engine has nothing more by then.
 */
export function joinPackets(
  speech: AsyncGenerator<SpokenFrame, void>,
  sampleRate: number,
): AsyncGenerator<SpeechFrame, void> {
  return closable(join(speech, sampleRate), () => speech.return());
}

async function* join(
  speech: AsyncGenerator<SpokenFrame, void>,
  sampleRate: number,
): AsyncGenerator<SpeechFrame, void> {
  const enoughSamples = enoughSeconds * sampleRate;
  const mostSamples = mostSeconds * sampleRate;
  const waiting = createWaitingPackets();
  let spokenSamples = 0;
  try {
    for (;;) {
      const next = speech.next();
      if (waiting.samples > 0 && !(await comesWithin(next, waiting.leftMs))) {
        yield* waiting.release();
      }
      const { done, value: frame } = await next;
      if (done) return;
      if (frame.kind !== "audio") {
        yield* waiting.release();
        yield frame;
        continue;
      }
      if (waiting.samples + frame.samples > mostSamples) yield* waiting.release();
      waiting.add(frame);
      const isPrompt = spokenSamples < promptSeconds * sampleRate;
      spokenSamples += frame.samples;
      // The next one is likely to be as long as this.
      const hasRoom = waiting.samples + frame.samples <= mostSamples;
      if (isPrompt || !hasRoom || waiting.samples >= enoughSamples) yield* waiting.release();
    }
  } catch (cause) {
    yield* waiting.release();
    throw cause;
  } finally {
    await speech.return();
  }
}

function createWaitingPackets() {
  let parts: Uint8Array[] = [];
  let samples = 0;
  let since = 0;
  return {
    get samples() {
      return samples;
    },
    /** Of the time that they may wait. */
    get leftMs() {
      return since + mostSeconds * 1000 - performance.now();
    },
    add(packet: { bytes: Uint8Array; samples: number }) {
      if (parts.length === 0) since = performance.now();
      parts.push(packet.bytes);
      samples += packet.samples;
    },
    /** Yields them as one frame, if there are any. */
    *release(): Generator<SpeechFrame, void> {
      if (parts.length === 0) return;
      const bytes = joinBytes(parts);
      parts = [];
      samples = 0;
      yield { kind: "audio", bytes };
    },
  };
}

/** Whether a promise is settled by then. What it is rejected with is for whoever awaits the promise itself. */
async function comesWithin(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, limitMs));
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  const comes = await Promise.race([settled, late]);
  clearTimeout(timer);
  return comes;
}
