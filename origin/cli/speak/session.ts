import type { SpeechEnd } from "../../../shared/frames/frame.ts";
import type { ModelId } from "../../../shared/models.ts";
import { type SpeechRequest, speakWith } from "../../../shared/speech-request.ts";
import { createEngines, type Engines } from "../../engine/engines.ts";
import type { Lease } from "../../engine/lease.ts";
import { whenAborted } from "../../engine/when-aborted.ts";
import { createLogger } from "../../log.ts";
import { chooseDevice } from "../../model/device/choose-device.ts";
import { memoryBudget } from "../../process/memory-budget.ts";
import { readSettings } from "../../settings.ts";
import { ignoredFields } from "../../speech/ignored-fields.ts";
import { planSpeech } from "../../speech/plan.ts";
import { speak } from "../../speech/speak.ts";
import { createMeter } from "./meter.ts";
import type { Report } from "./report.ts";
import type { Sink } from "./sink.ts";

/** Whoever waits here can see that, and leave. */
const patienceSeconds = 60 * 60;

/**
 * Starts the engines, speaks one request into the sink as the origin would, and stops them. Throws when no engine can
 * speak it, when speaking or writing fails, and when `signal` is aborted. Returns how
 * it ended. Finishing the sink is the caller's.
 */
export async function speakInto(
  sink: Sink,
  asked: SpeechRequest,
  report: Report,
  signal: AbortSignal,
): Promise<SpeechEnd> {
  // Where an origin would listen, and for whom, is of no concern here.
  const settings = readSettings({ ...process.env, ORIGIN_HOST: "", ORIGIN_PORT: "" });
  const device = chooseDevice(settings.device);
  const engines = createEngines({
    choice: settings.engine,
    modelsDirectory: settings.modelsDirectory,
    device,
    modelMemoryBytes: memoryBudget(settings.memory, device.memoryBytes).modelBytes,
    maxWaitSeconds: patienceSeconds,
    defaultLanguage: settings.defaultLanguage,
    lexicon: settings.lexicon,
    preload: false,
    log: createLogger("silent"),
  });
  const aborted = whenAborted(signal);
  try {
    const request = speakWith(asked, engines.spokenWith(asked.model));
    const { engine } = await borrow(engines, request.model, signal);
    await Promise.race([engine.started(), aborted]);
    const meter = createMeter(engine);
    const { defaultLanguage, catalogue, lexicon } = settings;
    const options = { defaultLanguage, catalogue, lexicon, engine: engine.name };
    const plan = await planSpeech(request, options);
    const standIn = `${asked.model} is not installed: ${request.model} speaks in its place`;
    report.begin(ignoredFields(request, engine), request.model === asked.model ? [] : [standIn]);
    let end: SpeechEnd | undefined;
    for await (const frame of speak(plan, meter.engine, signal)) {
      if (frame.kind === "audio") {
        report.progress(meter.seconds / request.speed, meter.hasSound);
        await Promise.race([sink.write(frame.bytes), aborted]);
      } else if (frame.kind === "end") {
        end = frame.end;
        report.end(end, meter.level);
      }
    }
    signal.throwIfAborted();
    if (!end) throw new Error("the speech has no end");
    return end;
  } finally {
    await engines.close();
  }
}

/** Throws with what the operator could do about it when there is none. */
async function borrow(engines: Engines, model: ModelId, signal: AbortSignal): Promise<Lease> {
  try {
    return await engines.borrow(model, signal);
  } catch (cause) {
    signal.throwIfAborted();
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error([message, ...engines.notes].join("\n"), { cause });
  }
}
