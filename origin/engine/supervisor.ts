// Keeps an engine's process alive and is the Engine the origin sees. The process is never trusted: whatever becomes of
// it, every utterance ends for its reader with its audio or with an error.
import type { Logger } from "pino";
import { type ApiError, invalidRequest, serverError, unavailable } from "../../shared/api-error.ts";
import { type ModelId, nativeModelIds, nativeModels } from "../../shared/models.ts";
import type { Device } from "../model/device/device.ts";
import {
  type EngineProcess,
  type EngineProcessOptions,
  startEngineProcess,
} from "./child-process.ts";
import { createDeferred } from "./deferred.ts";
import type { Engine, EngineState } from "./engine.ts";
import { createNumberCheck } from "./finite-numbers.ts";
import { type Announcement, noWork, type ToParent } from "./protocol.ts";
import { createQuarantine } from "./quarantine.ts";
import {
  createRestartPolicy,
  defaultRestartDelaysSeconds,
  defaultRetryIntervalSeconds,
} from "./restart-policy.ts";
import { createUtterances, type EngineCounters } from "./utterances.ts";
import { createVoiceEncodings } from "./voice-encodings.ts";

/** What a client is told to wait while the engine starts. */
const retryAfterSeconds = 5;

export interface SupervisorOptions extends EngineProcessOptions {
  /** Whether newcomers are refused while the process is late: of one whose every call is short. Whoever was there before waits. */
  refusesWhenLate?: boolean;
  name: Engine["name"];
  device?: Device;
  /** One for each restart after quick deaths in a row, before the engine is given up. */
  restartDelaysSeconds?: readonly number[];
  /** A process that was ready for this long has not died quickly. */
  provenAfterSeconds?: number;
  /** From when the engine was given up until it may be tried again. */
  retryIntervalSeconds?: number;
  /** How long an utterance is refused that the engine has died of more than once. */
  quarantineSeconds?: number;
  log?: Pick<Logger, "info" | "error">;
}

export interface SupervisedEngine extends Engine {
  /** What it computes on; null for an engine that has no choice. */
  readonly device: Device | null;
  readonly counters: Readonly<EngineCounters>;
  /** The most that its process took when it was ready and spoke nothing; 0 before it was. */
  readonly memoryBytes: number;
  /** Whether and how often it has died without having worked in between. */
  readonly crashes: Crashes;
  /** Resolves when the engine is ready, at once if it is, and rejects with the reason when it cannot be. */
  started(): Promise<void>;
  /** Whether the engine was given up, and so long ago that `tryAgain` would do something. */
  readonly mayTryAgain: boolean;
  /** Starts the engine once more if it may; should that fail, it is given up at once, and for as long. */
  tryAgain(): void;
  /**
   * Seconds of sound in a second that so many listeners get together: as measured with the number nearest to it, else as
   * the engine announced. Undefined while nothing is known.
   */
  speedWith(listeners: number): number | undefined;
}

export interface Crashes {
  /** Deaths since a process was last ready for a minute or spoke an utterance to its end; those that an utterance is to blame for do not count. */
  inARow: number;
  /** Until it is started again, by itself or, once it was given up, by a request; null while there is a process. */
  nextStartSeconds: number | null;
}

/**
 * Starts an engine in a process of its own, and starts it again whenever it dies or hangs.
 * What the process announces (`sampleRate`, `ignoredFields`, `revision`) throws a 503 ApiError until it is first known.
 */
export function createSupervisedEngine(options: SupervisorOptions): SupervisedEngine {
  const {
    name,
    device = null,
    log,
    restartDelaysSeconds = defaultRestartDelaysSeconds,
    provenAfterSeconds,
    retryIntervalSeconds = defaultRetryIntervalSeconds,
    quarantineSeconds,
    refusesWhenLate = false,
  } = options;
  const counters: EngineCounters = { utterances: 0, chunks: 0, restarts: 0, ...noWork };
  const quarantine = createQuarantine(quarantineSeconds);
  const utterances = createUtterances(counters, quarantine);
  const encodings = createVoiceEncodings(quarantine);
  const policy = createRestartPolicy(restartDelaysSeconds, provenAfterSeconds);
  let state: EngineState = "starting";
  let announcement: Announcement | undefined;
  let memoryBytes = 0;
  let closed = false;
  let restarting: NodeJS.Timeout | undefined;
  let starting = createDeferred();

  let readyAt: number | undefined;
  let utterancesEnded = 0;
  let isUnable = false;
  let givenUpAt = 0;
  let isRetry = false;
  let crashesBefore = 0;
  /** By the clock of `performance.now()`. */
  let restartsAt = 0;
  let check = createNumberCheck();
  let child = start();

  function start(): EngineProcess {
    readyAt = undefined;
    utterancesEnded = 0;
    isUnable = false;
    check = createNumberCheck();
    return startEngineProcess(options, { onMessage, onExit });
  }

  function onMessage(said: ToParent) {
    const message = check.judge(said);
    if (message.type === "ready" && !closed) {
      ({ announcement, memoryBytes } = message);
      state = "ready";
      isRetry = false;
      readyAt = performance.now();
      log?.info({ engine: name }, "the engine is ready");
      starting.resolve();
    }
    if (message.type === "memory") memoryBytes = Math.max(memoryBytes, message.memoryBytes);
    if (message.type === "unable") isUnable = true;
    if (message.type === "end") utterancesEnded++;
    if (message.type === "encoded" || message.type === "notEncoded") encodings.receive(message);
    else utterances.receive(message);
    if (check.isBroken) child.kill("what it makes is no sound: samples that are not finite");
  }

  const lifeOfProcess = () => ({
    readySeconds: readyAt === undefined ? 0 : (performance.now() - readyAt) / 1000,
    utterancesEnded,
  });

  /** Deaths in a row up to now: none once this process has shown that it works. */
  const crashesInARow = () => (policy.isProven(lifeOfProcess()) ? 0 : crashesBefore);

  function onExit(reason: string) {
    const cause = new Error(reason);
    const requests = utterances.underWay;
    const isExplained = utterances.processDied(encodings.suspects());
    utterances.failAll(serverError("The engine stopped while it spoke.", { cause }));
    encodings.failAll(serverError("The engine stopped while it encoded the voice.", { cause }));
    if (closed) return;
    crashesBefore = crashesInARow() + (isExplained ? 0 : 1);
    // What kept it from its first start, or from one that was tried later, would keep it from the next.
    const isHopeless = isRetry || (isUnable && !announcement);
    const delaySeconds = isHopeless
      ? undefined
      : policy.afterDeath({ ...lifeOfProcess(), isExplained });
    log?.error(
      { engine: name, reason, delaySeconds, isExplained, crashes: crashesBefore, requests },
      "the engine stopped",
    );
    readyAt = undefined;
    utterancesEnded = 0;
    if (state === "ready") starting = createDeferred();
    if (delaySeconds === undefined) {
      state = "failed";
      givenUpAt = performance.now();
      return starting.reject(new Error(`The ${name} engine cannot be started: ${reason}.`));
    }
    state = "starting";
    restartsAt = performance.now() + delaySeconds * 1000;
    restarting = setTimeout(restart, delaySeconds * 1000);
  }

  function restart() {
    counters.restarts++;
    restarting = undefined;
    child = start();
  }

  /** Until the engine, which was given up, may be tried again. */
  function secondsLeft(): number {
    return retryIntervalSeconds - (performance.now() - givenUpAt) / 1000;
  }

  /** Until there is a process again, or can be; undefined while there is one. */
  function nextStartSeconds(): number | undefined {
    if (closed) return undefined;
    if (state === "failed") return Math.max(0, secondsLeft());
    if (restarting === undefined) return undefined;
    return Math.max(0, (restartsAt - performance.now()) / 1000);
  }

  function mayTryAgain(): boolean {
    return state === "failed" && !closed && secondsLeft() <= 0;
  }

  function announced(): Announcement {
    if (!announcement) throw notReady();
    return announcement;
  }

  const isLate = () => refusesWhenLate && state === "ready" && child.isLate;

  function notReady(): ApiError {
    if (closed) return unavailable("engine_closed", "The server is shutting down.", 1);
    if (isLate()) {
      const message = "The engine does not answer at present.";
      return unavailable("engine_not_ready", message, retryAfterSeconds);
    }
    if (state !== "failed") {
      const seconds = (nextStartSeconds() ?? 0) + retryAfterSeconds;
      return unavailable("engine_not_ready", "The engine is starting.", seconds);
    }
    const message = "The engine cannot be started; the server's log says why.";
    return unavailable("engine_failed", message, secondsLeft(), { repeats: true });
  }

  return {
    name,
    device,
    counters,
    get sampleRate() {
      return announced().sampleRate;
    },
    get ignoredFields() {
      return announced().ignoredFields;
    },
    get segmentLimits() {
      return announced().segmentLimits;
    },
    get pace() {
      return announced().pace;
    },
    get tellsWords() {
      return announced().tellsWords ?? false;
    },
    get keyValues() {
      return announced().keyValues;
    },
    get memoryBytes() {
      return memoryBytes;
    },
    get crashes() {
      return { inARow: crashesInARow(), nextStartSeconds: nextStartSeconds() ?? null };
    },
    state: () => (isLate() ? "starting" : state),
    revision(model) {
      const revision = announced().models[model];
      if (revision) return revision;
      throw unavailable("model_not_loaded", `The engine has not loaded ${model}.`, 60);
    },
    started: () => starting.promise,
    get mayTryAgain() {
      return mayTryAgain();
    },
    tryAgain() {
      if (!mayTryAgain()) return;
      log?.info({ engine: name }, "the engine is tried again");
      state = "starting";
      isRetry = true;
      starting = createDeferred();
      restart();
    },
    speedWith(listeners) {
      const samplesPerSecond = utterances.speedWith(listeners);
      const { sampleRate, speed } = announced();
      return samplesPerSecond ? samplesPerSecond / sampleRate : speed;
    },
    async *synthesize(utterance, signal, onWords, listener, bindings) {
      signal.throwIfAborted();
      if (state !== "ready" || isLate()) throw notReady();
      return yield* utterances.speak(child.send, utterance, signal, onWords, listener, bindings);
    },
    async encodeVoice(model, recording, signal) {
      signal.throwIfAborted();
      if (state !== "ready") throw notReady();
      const { models, encodesVoices } = announced();
      if (!models[model] || !encodesVoices) throw noEncoders(model);
      return await encodings.encode((message) => child.send(message), recording, signal);
    },
    async close() {
      closed = true;
      state = "failed";
      clearTimeout(restarting);
      utterances.failAll(notReady());
      encodings.failAll(notReady());
      starting.reject(notReady());
      await child.close();
    },
  };
}

function noEncoders(model: ModelId): ApiError {
  const able = nativeModelIds.filter((id) => nativeModels[id].kind === "base").join(" or ");
  const message = `model must be one that clones voices, ${able}; ${model} has no encoders here`;
  return invalidRequest("no_voice_encoder", message, "model");
}
