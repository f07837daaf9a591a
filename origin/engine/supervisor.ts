// Keeps an engine's child process alive and is the Engine the origin sees. The child is never trusted: whatever
// becomes of it, every utterance ends for its reader with its audio or with an error.
import type { Logger } from "pino";
import { ApiError, serverError, unavailable } from "../../shared/api-error.ts";
import type { ModelId } from "../../shared/models.ts";
import {
  type EngineProcess,
  type EngineProcessOptions,
  startEngineProcess,
} from "./child-process.ts";
import type { Engine, EngineState, Utterance, UtteranceEnd } from "./engine.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import type { Announcement, ToParent } from "./protocol.ts";
import { createRestartPolicy, defaultRestartDelaysSeconds } from "./restart-policy.ts";

/** What a client is told to wait while the engine starts. */
const retryAfterSeconds = 5;

export interface SupervisorOptions extends EngineProcessOptions {
  name: Engine["name"];
  /** One for each restart after quick deaths in a row, before the engine is given up. */
  restartDelaysSeconds?: readonly number[];
  log?: Pick<Logger, "info" | "error">;
}

/** Totals since the supervisor was created. */
export interface EngineCounters {
  utterances: number;
  /** Chunks the child has sent, whether or not anybody read them. */
  chunks: number;
  restarts: number;
}

export interface SupervisedEngine extends Engine {
  readonly counters: Readonly<EngineCounters>;
  /** Resolves when the engine is ready for the first time; rejects with the reason when it fails before. */
  started(): Promise<void>;
}

/**
 * Starts an engine in a child process of its own, and starts it again whenever it dies or hangs.
 * What the child announces (`sampleRate`, `ignoredFields`, `revision`) throws a 503 ApiError until it is first known.
 */
export function createSupervisedEngine(options: SupervisorOptions): SupervisedEngine {
  const { name, log, restartDelaysSeconds = defaultRestartDelaysSeconds } = options;
  const counters: EngineCounters = { utterances: 0, chunks: 0, restarts: 0 };
  const inboxes = new Map<number, Inbox>();
  const policy = createRestartPolicy(restartDelaysSeconds);
  let state: EngineState = "starting";
  let announcement: Announcement | undefined;
  let closed = false;
  let restarting: NodeJS.Timeout | undefined;
  let lastDeath = "";
  let onStarted = () => {};
  let onFailed = (_error: Error) => {};
  const firstStart = new Promise<void>((resolve, reject) => {
    onStarted = resolve;
    onFailed = reject;
  });
  // Whoever asks is told; nobody has to ask.
  firstStart.catch(() => {});

  let utterancesEnded = 0;
  let bornAt = 0;
  let child = start();

  function start(): EngineProcess {
    utterancesEnded = 0;
    bornAt = performance.now();
    return startEngineProcess(options, { onMessage, onExit });
  }

  function onMessage(message: ToParent) {
    switch (message.type) {
      case "ready":
        announcement = message.announcement;
        if (closed) return;
        state = "ready";
        log?.info({ engine: name }, "the engine is ready");
        return onStarted();
      case "chunk":
        counters.chunks++;
        return inboxes.get(message.id)?.put(message.samples);
      case "end":
        utterancesEnded++;
        return inboxes.get(message.id)?.put(message.end);
      case "error":
        return inboxes.get(message.id)?.fail(new ApiError(message.error));
    }
  }

  function onExit(reason: string) {
    lastDeath = reason;
    failAll(serverError("The engine stopped while it spoke.", { cause: new Error(reason) }));
    if (closed) return;
    const seconds = (performance.now() - bornAt) / 1000;
    const delaySeconds = policy.afterDeath({ seconds, utterancesEnded });
    log?.error({ engine: name, reason, delaySeconds }, "the engine stopped");
    if (delaySeconds === undefined) {
      state = "failed";
      return onFailed(new Error(`The ${name} engine cannot be started: ${reason}.`));
    }
    state = "starting";
    restarting = setTimeout(() => {
      counters.restarts++;
      child = start();
    }, delaySeconds * 1000);
  }

  function failAll(error: ApiError) {
    for (const inbox of inboxes.values()) inbox.fail(error);
  }

  function announced(): Announcement {
    if (!announcement) throw notReady();
    return announcement;
  }

  function notReady(): ApiError {
    if (closed) return unavailable("engine_closed", "The server is shutting down.", 1);
    return state === "failed"
      ? unavailable("engine_failed", `The engine cannot be started: ${lastDeath}.`, 60)
      : unavailable("engine_not_ready", "The engine is starting.", retryAfterSeconds);
  }

  async function* synthesize(
    utterance: Utterance,
    signal: AbortSignal,
  ): AsyncGenerator<Float32Array, UtteranceEnd> {
    signal.throwIfAborted();
    if (state !== "ready") throw notReady();
    const { send } = child;
    const id = counters.utterances++;
    const inbox = createInbox();
    inboxes.set(id, inbox);
    let cancels = true;
    const cancel = () => {
      if (cancels) send({ type: "cancel", id });
      cancels = false;
    };
    const onAbort = () => {
      cancel();
      inbox.fail(signal.reason);
    };
    signal.addEventListener("abort", onAbort);
    try {
      send({ type: "speak", id, utterance });
      for (;;) {
        const item = await inbox.take();
        if (!(item instanceof Float32Array)) {
          cancels = false;
          return item;
        }
        send({ type: "credit", id, samples: item.length });
        yield item;
      }
    } finally {
      cancel();
      signal.removeEventListener("abort", onAbort);
      inboxes.delete(id);
    }
  }

  return {
    name,
    counters,
    get sampleRate() {
      return announced().sampleRate;
    },
    get ignoredFields() {
      return announced().ignoredFields;
    },
    models: () => Object.keys(announcement?.models ?? {}) as ModelId[],
    state: () => state,
    revision(model) {
      const revision = announced().models[model];
      if (!revision) {
        throw unavailable("model_not_loaded", `The engine has not loaded ${model}.`, 60);
      }
      return revision;
    },
    started: () => firstStart,
    synthesize,
    async close() {
      closed = true;
      state = "failed";
      clearTimeout(restarting);
      failAll(notReady());
      onFailed(notReady());
      await child.close();
    },
  };
}
