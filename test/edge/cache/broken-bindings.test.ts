import { afterAll, beforeAll, expect, test } from "vitest";
import { type Edges, startEdges } from "../../support/edge.ts";
import { speech } from "../../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../../support/frames-origin.ts";
import { framesOf, noise, speak } from "../../support/frames-origin-behaviours.ts";

const audio = noise(5000);

let origin: FramesOrigin;
let edges: Edges<"noCache" | "noFlights" | "neither">;

beforeAll(async () => {
  origin = await startFramesOrigin();
  origin.behave(speak(() => framesOf(audio)));
  const ORIGIN_URLS = origin.url;
  edges = await startEdges({
    noCache: { ORIGIN_URLS, AUDIO: "broken", FLIGHTS: true },
    noFlights: { ORIGIN_URLS, AUDIO: "audio", FLIGHTS: "broken" },
    neither: { ORIGIN_URLS, AUDIO: "broken", FLIGHTS: "broken" },
  });
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

/** How often each has been logged. */
function faults(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { fault } of edges.log) {
    if (fault) counts[String(fault)] = (counts[String(fault)] ?? 0) + 1;
  }
  return counts;
}

test.each([
  [
    "noCache",
    {
      // By the Worker, and by the flight before its answer and after.
      "a model's revision could not be read": 6,
      "the cache could not be written": 2,
    },
  ],
  ["noFlights", { "a flight could not be asked": 2 }],
  [
    "neither",
    {
      "a model's revision could not be read": 4,
      "the cache could not be written": 2,
      "a flight could not be asked": 2,
    },
  ],
] as const)(
  "with bindings that fail (%s) requests are answered, and it is logged",
  async (edge, expected) => {
    edges.log.splice(0);
    for (const which of ["first", "second"]) {
      const input = `The ${which} with ${edge}.`;
      const { status, body, ended } = await speech(edges.urls[edge], { input });
      expect({ status, ended }).toEqual({ status: 200, ended: "complete" });
      expect(body.equals(audio)).toBe(true);
    }
    await expect.poll(faults).toEqual(expected);
  },
);

test("a cache serves without flights that fail", async () => {
  const request = { input: "Only the cache works." };
  await speech(edges.urls.noFlights, request);
  await expect
    .poll(async () => (await speech(edges.urls.noFlights, request)).headers["x-cache"])
    .toBe("HIT");
});
