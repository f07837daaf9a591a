import { type SpeechRequest, speakWith } from "../../../shared/speech-request.ts";
import { withDefaultLanguage } from "../../engine/default-language.ts";
import type { ModelRevision } from "../../engine/engine.ts";
import { createEngines, type Engines } from "../../engine/engines.ts";
import type { Lease } from "../../engine/lease.ts";
import type { SupervisedEngine } from "../../engine/supervisor.ts";
import { whenAborted } from "../../engine/when-aborted.ts";
import { createLogger } from "../../log.ts";
import { chooseDevice } from "../../model/device/choose-device.ts";
import { memoryBudget } from "../../process/memory-budget.ts";
import { readSettings, type Settings } from "../../settings.ts";
import type { VoiceFiles } from "../../voices/voice-files.ts";
import { openOwnVoices } from "./names.ts";

/** Whoever waits here can see that, and leave. */
export const patienceSeconds = 60 * 60;

export interface OwnEngines {
  settings: Settings;
  engines: Engines;
  /** For keys and values, in bytes. */
  keyValueBytes: number;
}

export interface OpenEngine extends OwnEngines {
  /** Of the voices that are kept here. */
  voiceFiles: Pick<VoiceFiles, "read">;
  /** The one that speaks the request. It has started. */
  engine: SupervisedEngine;
  /** What it speaks with, settings that change the sound included. */
  revision: ModelRevision;
  /** With the model that speaks it. */
  request: SpeechRequest;
  /** What the user may want to know about that, a sentence each. */
  notes: string[];
  close(): Promise<void>;
}

/** Starts the engines of the settings; models are loaded when they are asked for. Throws a SettingsError. */
export function startEngines(): OwnEngines {
  // Where an origin would listen, and for whom, is of no concern here.
  const settings = readSettings({ ...process.env, ORIGIN_HOST: "", ORIGIN_PORT: "" });
  const { defaultLanguage, lexicon } = settings;
  const device = chooseDevice(settings.device);
  const memory = memoryBudget(settings.memory, device.memoryBytes);
  const engines = createEngines({
    choice: settings.engine,
    modelsDirectory: settings.modelsDirectory,
    device,
    modelMemoryBytes: memory.modelBytes,
    maxWaitSeconds: patienceSeconds,
    defaultLanguage,
    lexicon,
    preload: false,
    log: createLogger("silent"),
  });
  return { settings, engines, keyValueBytes: memory.keyValueBytes };
}

/**
 * Starts the engines, and waits for the one that speaks a request. Throws when there is none, with what could be done about it, when it
 * cannot start, and when `signal` is aborted.
 */
export async function openEngine(asked: SpeechRequest, signal: AbortSignal): Promise<OpenEngine> {
  const { settings, engines, keyValueBytes } = startEngines();
  const { defaultLanguage, lexicon } = settings;
  try {
    const request = speakWith(asked, engines.spokenWith(asked.model));
    const { engine, release } = await borrow(engines, request, signal);
    await Promise.race([engine.started(), whenAborted(signal)]);
    const standIn = `${asked.model} is not installed: ${request.model} speaks in its place`;
    return {
      ...{ settings, engines, engine, request },
      revision: withDefaultLanguage(engine.revision(request.model), defaultLanguage, lexicon),
      notes: request.model === asked.model ? [] : [standIn],
      keyValueBytes,
      voiceFiles: openOwnVoices(settings.voicesDirectory).files,
      async close() {
        release();
        await engines.close();
      },
    };
  } catch (cause) {
    await engines.close();
    throw cause;
  }
}

async function borrow(
  engines: Engines,
  { model }: SpeechRequest,
  signal: AbortSignal,
): Promise<Lease> {
  try {
    return await engines.borrow(model, signal);
  } catch (cause) {
    signal.throwIfAborted();
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error([message, ...engines.notes].join("\n"), { cause });
  }
}
