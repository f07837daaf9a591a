import type { SpeechEnd } from "../../../shared/frames/frame.ts";
import type { SpeechEvent } from "../../../shared/speech-events.ts";
import type { SpeechRequest } from "../../../shared/speech-request.ts";
import { whenAborted } from "../../engine/when-aborted.ts";
import { ignoredFields } from "../../speech/ignored-fields.ts";
import { planSpeech } from "../../speech/plan.ts";
import { speak } from "../../speech/speak.ts";
import { createMeter } from "./meter.ts";
import { openEngine } from "./open-engine.ts";
import type { Report } from "./report.ts";
import type { Sink } from "./sink.ts";

interface SpokenText {
  end: SpeechEnd;
  /** When what is said, where that was asked for. */
  events: SpeechEvent[];
}

/**
 * Starts the engines, speaks one request into the sink as the origin would, and stops them. Timestamps are of words where
 * the engine tells these. Throws when no engine can
 * speak it, when speaking or writing fails, and when `signal` is aborted. Returns how
 * it ended. Finishing the sink is the caller's.
 */
export async function speakInto(
  sink: Sink,
  asked: SpeechRequest,
  { timestamps, report, signal }: { timestamps: boolean; report: Report; signal: AbortSignal },
): Promise<SpokenText> {
  const aborted = whenAborted(signal);
  const opened = await openEngine(asked, signal);
  try {
    const { engine, settings, voiceFiles } = opened;
    const wanted = timestamps ? (engine.tellsWords ? "word" : "segment") : null;
    const request: SpeechRequest = { ...opened.request, timestamps: wanted };
    const meter = createMeter(engine);
    const { defaultLanguage, catalogue, lexicon } = settings;
    const options = { defaultLanguage, catalogue, lexicon, voiceFiles, engine: engine.name };
    const plan = await planSpeech(request, options);
    report.begin(ignoredFields(request, engine), opened.notes);
    const events: SpeechEvent[] = [];
    let end: SpeechEnd | undefined;
    for await (const frame of speak(plan, meter.engine, signal)) {
      if (frame.kind === "audio") {
        report.progress(meter.seconds / request.speed, meter.hasSound);
        await Promise.race([sink.write(frame.bytes), aborted]);
      } else if (frame.kind === "event") {
        events.push(frame.event);
      } else if (frame.kind === "end") {
        end = frame.end;
        report.end(end, meter.level);
      }
    }
    signal.throwIfAborted();
    if (!end) throw new Error("the speech has no end");
    return { end, events };
  } finally {
    await opened.close();
  }
}
