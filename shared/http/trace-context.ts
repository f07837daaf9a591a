// W3C Trace Context (https://www.w3.org/TR/trace-context/): which trace a request is part of, and how it is handed on.
import { toHex } from "../identity.ts";

/** Version 00 has these fields and nothing behind them; a later one may have more. */
const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const unknown = /^0+$/;

/** Sampled and random trace id: the flags that are defined. Others have to be handed on as 0. */
const definedFlags = 0x03;

/** As much as the specification has everybody hand on. What is longer would count against others' limits of headers. */
const maxStateLength = 512;

/** What one program does for a request that is part of a trace. */
export interface TraceContext {
  /** Hex, 32 characters, of all that is done for the request anywhere. */
  traceId: string;
  /** Hex, 16 characters, of what this program does; drawn anew for each request. */
  spanId: string;
  /** Of what asked for it, as it says. */
  parentId: string;
  /** Hex, 2 characters. */
  flags: string;
  /** What tracing systems tell each other, as it came; null where nothing did. */
  state: string | null;
}

/** What a request is known by, wherever something is done for it. */
export interface Correlation {
  requestId: string;
  trace: TraceContext | undefined;
}

/** The trace that a request's headers name. A malformed `traceparent` names none, as the specification has it. */
export function readTraceContext(headers: Headers): TraceContext | undefined {
  const fields = traceparent.exec(headers.get("traceparent")?.trim() ?? "");
  const [, version, traceId = "", parentId = "", flags = "", more] = fields ?? [];
  if (!fields || version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (unknown.test(traceId) || unknown.test(parentId)) return undefined;
  const state = headers.get("tracestate");
  return {
    traceId,
    spanId: toHex(crypto.getRandomValues(new Uint8Array(8)).buffer),
    parentId,
    flags: (Number.parseInt(flags, 16) & definedFlags).toString(16).padStart(2, "0"),
    state: state && state.length <= maxStateLength ? state : null,
  };
}

/** The headers by which another program knows the request, with this program's span as the parent of its own. */
export function correlationHeaders({ requestId, trace }: Correlation): Record<string, string> {
  if (!trace) return { "x-request-id": requestId };
  const { traceId, spanId, flags, state } = trace;
  return {
    "x-request-id": requestId,
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    ...(state === null ? {} : { tracestate: state }),
  };
}

/** What a log line has of a trace, by the names that OpenTelemetry gives them; nothing without one. */
export function traceFields(trace: TraceContext | undefined): Record<string, string> {
  if (!trace) return {};
  const { traceId, spanId, parentId } = trace;
  return { trace_id: traceId, span_id: spanId, parent_id: parentId };
}
