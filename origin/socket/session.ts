import { ApiError, invalidRequest, notFound, unavailable } from "../../shared/api-error.ts";
import type { Catalogue } from "../../shared/catalogue.ts";
import { firstIssue } from "../../shared/http/speech-body.ts";
import type { ModelId } from "../../shared/models.ts";
import {
  type ClientMessage,
  clientMessageSchema,
  closeCodes,
  maxContexts,
  maxMessageBytes,
  maxUnspokenCharacters,
} from "../../shared/socket.ts";
import { countCodePoints } from "../../shared/text-rules.ts";
import type { Logger } from "../log.ts";
import type { SpeechServices } from "../speech/answer.ts";
import { type Context, createContext, errorFields } from "./context.ts";
import type { SocketLimits } from "./limits.ts";
import { createOutbox, type Wire } from "./outbox.ts";
import { describeSettings, readSettings, type SessionSettings } from "./session-settings.ts";

/** How a session ended. */
export type SessionOutcome = "closed" | "lost" | "idle" | "slow_reader" | "refused" | "stopping";

export interface SessionOptions {
  id: string;
  /** The models that may be used; all when absent. */
  models: readonly ModelId[] | undefined;
  catalogue: Catalogue;
  limits: SocketLimits;
  services: SpeechServices;
  /** The id of an edge's key. */
  caller: string | undefined;
  log: Logger;
  onEnd(outcome: SessionOutcome, facts: object): void;
}

/** What one client says and hears, over one connection or several, one at a time. */
export interface Session {
  /** Takes over from the connection before, if there is one; returns false when what comes after `lastSequence` is gone. */
  connect(wire: Wire, lastSequence: number): boolean;
  receive(wire: Wire, data: string | undefined): void;
  /** The connection is gone, by the client's wish or not. */
  disconnect(wire: Wire, isOver: boolean): void;
  /** Refuses contexts from now on, speaks what has come of the others, and resolves when they have ended. */
  drain(): Promise<void>;
  end(outcome: SessionOutcome, code: number, reason: string): void;
}

const mostEndedIds = 1000;

export function createSession(options: SessionOptions): Session {
  const { id, catalogue, models, limits, services, caller, log } = options;
  const names = { catalogue, models };
  const startedAt = performance.now();
  const outbox = createOutbox(limits, () =>
    end("slow_reader", closeCodes.idle, "nothing was read for too long"),
  );
  const contexts = new Map<string, Context>();
  /** Of contexts that were given fields of their own and have no text yet. */
  const prepared = new Map<string, SessionSettings>();
  const endedIds = new Set<string>();
  let defaults = readSettings({ ...names, session: {} });
  let wire: Wire | undefined;
  let lostTimer: NodeJS.Timeout | undefined;
  let contextCount = 0;
  let errors = 0;
  let connections = 0;
  let characters = 0;
  let isDraining = false;
  let hasEnded = false;

  const firstMessage = setTimeout(
    () => end("idle", closeCodes.idle, `no message within ${limits.firstMessageMs / 1000} s`),
    limits.firstMessageMs,
  );
  const idle = setTimeout(function check() {
    if (contexts.size > 0) return void idle.refresh();
    end("idle", closeCodes.idle, `no message for ${limits.idleMs / 1000} s`);
  }, limits.idleMs);

  function tell(type: string, fields: object): void {
    outbox.send((sequence) => JSON.stringify({ type, sequence, ...fields }));
  }

  function update(message: Extract<ClientMessage, { type: "session.update" }>): void {
    const { context_id, session } = message;
    if (context_id !== undefined && contexts.has(context_id)) {
      throw invalidRequest(
        "context_started",
        `The context ${JSON.stringify(context_id)} has begun: its fields are fixed.`,
        "context_id",
      );
    }
    const before = (context_id !== undefined && prepared.get(context_id)) || defaults;
    const settings = readSettings({ ...names, session, before });
    if (context_id === undefined) defaults = settings;
    else {
      requireNew(context_id);
      prepared.set(context_id, settings);
    }
    const context = context_id === undefined ? {} : { context_id };
    tell("session.updated", { ...context, session: describeSettings(settings) });
  }

  function requireNew(contextId: string): void {
    if (isDraining) throw unavailable("server_stopping", "The server is being stopped.", 1);
    if (endedIds.has(contextId)) {
      throw invalidRequest(
        "context_ended",
        `The context ${JSON.stringify(contextId)} has ended: a new one wants another id.`,
        "context_id",
      );
    }
    const open = new Set([...contexts.keys(), ...prepared.keys(), contextId]).size;
    if (open <= maxContexts) return;
    throw new ApiError({
      status: 429,
      type: "rate_limit_error",
      code: "too_many_contexts",
      param: "context_id",
      message: `A session must have at most ${maxContexts} open contexts; with this one it would have ${open}`,
    });
  }

  function open(contextId: string): Context {
    const known = contexts.get(contextId);
    if (known) return known;
    requireNew(contextId);
    const { request, audioDelivery } = prepared.get(contextId) ?? defaults;
    const context = createContext({
      id: contextId,
      index: contextCount++,
      request,
      audioDelivery,
      idleMs: limits.contextIdleMs,
      outbox,
      services,
      caller,
      log,
    });
    prepared.delete(contextId);
    contexts.set(contextId, context);
    void context.ended.then(() => {
      contexts.delete(contextId);
      endedIds.add(contextId);
      const [oldest] = endedIds;
      if (endedIds.size > mostEndedIds && oldest !== undefined) endedIds.delete(oldest);
      if (!hasEnded) idle.refresh();
    });
    return context;
  }

  function find(contextId: string): Context {
    const context = contexts.get(contextId);
    if (context) return context;
    if (endedIds.has(contextId)) {
      const message = `The context ${JSON.stringify(contextId)} has ended.`;
      throw invalidRequest("context_ended", message, "context_id");
    }
    throw notFound(
      "context_not_found",
      `There is no context ${JSON.stringify(contextId)}: its first input.append begins it.`,
    );
  }

  function heed(message: ClientMessage): void {
    if (message.type === "session.update") {
      update(message);
      return;
    }
    const { type, context_id } = message;
    if (type === "input.append") {
      open(context_id).append(message.text);
      characters += countCodePoints(message.text);
      return;
    }
    const context = find(context_id);
    if (type === "input.flush") context.flush();
    else if (type === "input.done") context.done();
    else context.stop("cancelled");
  }

  function refuse(cause: unknown, message: unknown): void {
    const { context_id = null, text } = asObject(message);
    const refused = typeof text === "string" ? { refused_characters: countCodePoints(text) } : {};
    tell("error", { context_id, ...errorFields(cause), ...refused });
    errors++;
    if (errors >= limits.maxErrors) {
      end("refused", closeCodes.policy, `${errors} messages were refused`);
    }
  }

  function end(outcome: SessionOutcome, code: number, reason: string): void {
    if (hasEnded) return;
    hasEnded = true;
    for (const timer of [firstMessage, idle, lostTimer]) clearTimeout(timer);
    for (const context of contexts.values()) {
      context.stop(outcome === "stopping" ? "stopping" : "lost");
    }
    wire?.close(code, reason);
    outbox.detach();
    const durationSeconds = (performance.now() - startedAt) / 1000;
    options.onEnd(outcome, {
      ...{ code, reason, connections, contexts: contextCount, characters, errors },
      ...{ messages: outbox.lastSequence, durationSeconds },
    });
  }

  tell("session.created", {
    session_id: id,
    session: describeSettings(defaults),
    limits: {
      ...{ unspoken_characters: maxUnspokenCharacters, contexts: maxContexts },
      ...{ message_bytes: maxMessageBytes, resume_seconds: limits.resumeMs / 1000 },
      ...{ context_idle_seconds: limits.contextIdleMs / 1000 },
    },
  });

  return {
    connect(next, lastSequence) {
      if (hasEnded) return false;
      const before = wire;
      if (!outbox.attach(next, lastSequence)) return false;
      wire = next;
      connections++;
      clearTimeout(lostTimer);
      before?.close(closeCodes.takenOver, "the session goes on over another connection");
      return true;
    },
    receive(from, data) {
      if (from !== wire || hasEnded) return;
      clearTimeout(firstMessage);
      idle.refresh();
      let message: unknown;
      try {
        message = readJson(data);
        const parsed = clientMessageSchema.safeParse(message);
        if (!parsed.success) throw firstIssue(parsed.error.issues);
        heed(parsed.data);
      } catch (cause) {
        refuse(cause, message);
      }
    },
    disconnect(from, isOver) {
      if (from !== wire) return;
      wire = undefined;
      outbox.detach();
      if (isOver) return end("closed", 1000, "the client closed the connection");
      const lost = () => end("lost", closeCodes.gone, "the client did not come back");
      lostTimer = setTimeout(lost, limits.resumeMs);
    },
    async drain() {
      isDraining = true;
      const open = [...contexts.values()];
      for (const context of open) context.finish();
      await Promise.all(open.map(({ ended }) => ended));
    },
    end,
  };
}

function readJson(data: string | undefined): unknown {
  if (data === undefined) {
    throw invalidRequest("invalid_json", "A message must be JSON text; a binary one came");
  }
  try {
    return JSON.parse(data);
  } catch {
    throw invalidRequest(
      "invalid_json",
      `A message must be JSON; its ${Buffer.byteLength(data)} bytes could not be parsed`,
    );
  }
}

function asObject(message: unknown): { context_id?: unknown; text?: unknown } {
  return typeof message === "object" && message !== null ? message : {};
}
