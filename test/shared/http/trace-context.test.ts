import { describe, expect, it } from "vitest";
import { correlationHeaders, readTraceContext } from "../../../shared/http/trace-context.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parentId = "00f067aa0ba902b7";

const read = (traceparent: string, tracestate?: string) =>
  readTraceContext(
    new Headers({ traceparent, ...(tracestate === undefined ? {} : { tracestate }) }),
  );

describe("a traceparent", () => {
  it.each([
    [`00-${traceId}-${parentId}-01`, "01"],
    [`00-${traceId}-${parentId}-00`, "00"],
    // The flag that an id is random is the specification's second level; flags that nobody knows are handed on as 0.
    [`00-${traceId}-${parentId}-03`, "03"],
    [`00-${traceId}-${parentId}-ff`, "03"],
    // Of a later version, with more behind what is known here.
    [`cc-${traceId}-${parentId}-01`, "01"],
    [`cc-${traceId}-${parentId}-01-what-the-future-brings`, "01"],
  ])("%s is handed on with a span of our own", (header, flags) => {
    const trace = read(header);
    expect(trace).toEqual({
      ...{ traceId, parentId, flags, state: null },
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(trace?.spanId).not.toBe(read(header)?.spanId);
    expect(correlationHeaders({ requestId: "req_1", trace })).toEqual({
      "x-request-id": "req_1",
      traceparent: `00-${traceId}-${trace?.spanId}-${flags}`,
    });
  });

  it.each([
    "",
    "00-x",
    `00-${traceId}-${parentId}`,
    `00-${traceId}-${parentId}-1`,
    `00-${traceId}-${parentId}-01-more`,
    `00-${traceId}-${parentId}-01-`,
    `cc-${traceId}-${parentId}-01more`,
    `ff-${traceId}-${parentId}-01`,
    `00-${traceId.toUpperCase()}-${parentId}-01`,
    `00-${"0".repeat(32)}-${parentId}-01`,
    `00-${traceId}-${"0".repeat(16)}-01`,
    // Two headers.
    `00-${traceId}-${parentId}-01, 00-${traceId}-${parentId}-01`,
  ])("that is malformed names no trace, and what comes with it is not handed on: %s", (header) => {
    const trace = read(header, "congo=t61rcWkgMzE");
    expect(trace).toBeUndefined();
    expect(correlationHeaders({ requestId: "req_1", trace })).toEqual({ "x-request-id": "req_1" });
  });
});

it("hands a tracestate on as it came, unless it is longer than has to be", () => {
  const stateOf = (state: string) =>
    correlationHeaders({
      requestId: "req_1",
      trace: read(`00-${traceId}-${parentId}-01`, state),
    }).tracestate;
  expect(stateOf("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")).toBe(
    "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
  );
  expect(stateOf(`a=${"x".repeat(510)}`)).toHaveLength(512);
  expect(stateOf(`a=${"x".repeat(511)}`)).toBeUndefined();
});
