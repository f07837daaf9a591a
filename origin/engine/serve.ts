// The child's side of the protocol. Utterances run interleaved: each gives up its turn after every chunk, so that
// cancels, credit and pings are read even while a synthesizer never waits for anything.
import { setImmediate as nextTurn } from "node:timers/promises";
import { ApiError, serverError } from "../../shared/api-error.ts";
import type { EncodedVoice, VoiceRecording } from "../voices/voice-prompt.ts";
import { createCredit } from "./credit.ts";
import type {
  HearWords,
  Listener,
  LogBindings,
  SpokenWord,
  Utterance,
  UtteranceEnd,
} from "./engine.ts";
import {
  type Announcement,
  type ApiErrorFields,
  type EngineWork,
  maxSamplesAhead,
  type ToChild,
  type ToParent,
} from "./protocol.ts";

/** An engine as its own child process sees it. */
export interface Synthesizer {
  readonly announcement: Announcement;
  /** As `Engine.synthesize`; it is closed at the next chunk once the signal aborts. */
  synthesize(
    utterance: Utterance,
    signal: AbortSignal,
    onWords?: HearWords,
    listener?: Listener,
  ): AsyncGenerator<Float32Array, UtteranceEnd>;
  /** Resolves once all of its threads have done what was asked of them before; by default there is this one alone. */
  answered?(): Promise<void>;
  /** As `Engine.encodeVoice`; it stops soon once the signal aborts. */
  encodeVoice?(recording: VoiceRecording, signal: AbortSignal): Promise<EncodedVoice>;
}

/** Tells what was done since it was last told. */
export type ReportWork = (work: Partial<EngineWork>) => void;

/**
 * Speaks for the parent process until it goes away. When the synthesizer cannot be created the parent is told why and
 * the process exits with 1.
 */
export async function serve(create: (report: ReportWork) => Promise<Synthesizer>): Promise<void> {
  // A signal to the whole process group is the parent's to answer: it may still want its utterances finished.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
  process.on("disconnect", () => process.exit());
  if (!process.connected) process.exit();

  const report = (work: Partial<EngineWork>) => tell({ type: "worked", work });
  const synthesizer = await create(report).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    process.send?.({ type: "unable", reason } satisfies ToParent, () => process.exit(1));
  });
  if (!synthesizer) return;

  const speaking = new Map<number, ReturnType<typeof speak>>();
  const encoding = new Map<number, AbortController>();
  const onFree = () => {
    if (speaking.size + encoding.size > 0) return;
    tell({ type: "memory", memoryBytes: process.memoryUsage.rss() });
  };
  process.on("message", (message: ToChild) => {
    switch (message.type) {
      case "speak": {
        const { id } = message;
        const onDone = () => {
          speaking.delete(id);
          onFree();
        };
        speaking.set(id, speak(synthesizer, message, onDone));
        return;
      }
      case "credit":
        return speaking.get(message.id)?.grant(message.samples);
      case "cancel":
        return speaking.get(message.id)?.cancel();
      case "encode": {
        const { id } = message;
        const stop = new AbortController();
        encoding.set(id, stop);
        void encode(synthesizer, message, stop.signal).finally(() => {
          encoding.delete(id);
          onFree();
        });
        return;
      }
      case "cancelEncoding":
        return encoding.get(message.id)?.abort();
      case "ping":
        return void pong(synthesizer);
    }
  });
  const memoryBytes = process.memoryUsage.rss();
  tell({ type: "ready", announcement: synthesizer.announcement, memoryBytes });
}

/** Says that nothing of it hangs. */
async function pong({ answered }: Synthesizer): Promise<void> {
  await answered?.();
  tell({ type: "pong" });
}

function speak(
  synthesizer: Synthesizer,
  { id, utterance, wantsWords, listener, bindings }: Extract<ToChild, { type: "speak" }>,
  onDone: () => void,
) {
  const onWords = (words: SpokenWord[]) => tell({ type: "words", id, words });
  const credit = createCredit(maxSamplesAhead);
  const stop = new AbortController();

  async function* audio() {
    const end = yield* synthesizer.synthesize(
      utterance,
      stop.signal,
      wantsWords ? onWords : undefined,
      listener,
    );
    tell({ type: "end", id, end });
  }

  async function send() {
    // Of several that arrive together, the first is then heard before the second is begun.
    await nextTurn();
    for await (const samples of audio()) {
      tell({ type: "chunk", id, samples });
      await credit.spend(samples.length);
      await nextTurn();
      if (stop.signal.aborted) return;
    }
  }

  send()
    .catch((error: unknown) => {
      if (!stop.signal.aborted) tell({ type: "error", id, error: toFields(error, { bindings }) });
    })
    .finally(onDone);

  return {
    grant: credit.grant,
    cancel() {
      stop.abort();
      credit.grant(Number.POSITIVE_INFINITY);
    },
  };
}

async function encode(
  { encodeVoice }: Synthesizer,
  { id, recording }: Extract<ToChild, { type: "encode" }>,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (!encodeVoice) throw new Error("the engine announced no encoders");
    tell({ type: "encoded", id, voice: await encodeVoice(recording, signal) });
  } catch (error) {
    if (signal.aborted) return;
    const told = "The engine failed while it encoded the voice.";
    tell({ type: "notEncoded", id, error: toFields(error, { told }) });
  }
}

interface Failing {
  told?: string;
  bindings?: LogBindings | undefined;
}

/** As the parent is told it; what only the log may have is logged here, with whom it was for. */
function toFields(
  error: unknown,
  { told = "The engine failed while it spoke.", bindings = {} }: Failing = {},
): ApiErrorFields {
  if (!(error instanceof ApiError)) {
    logFailure(error, told, bindings);
    return toFields(serverError(told));
  }
  const { status, type, message, param, code, headers } = error;
  return {
    status,
    type,
    message,
    headers,
    ...(param === null ? {} : { param }),
    ...(code === null ? {} : { code }),
  };
}

/** A line as the parent's are, which it does not write: it may be gone before it could. */
function logFailure(error: unknown, msg: string, bindings: LogBindings): void {
  const { name: type, message, stack } = error instanceof Error ? error : new Error(String(error));
  const facts = { ...bindings, err: { type, message, stack }, msg };
  console.error(JSON.stringify({ level: 50, time: new Date().toISOString(), ...facts }));
}

function tell(message: ToParent): void {
  // A channel that has just closed is no error: "disconnect" ends the process.
  process.send?.(message, () => {});
}
