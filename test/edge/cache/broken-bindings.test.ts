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

const faults = () => new Set(edges.log.map((line) => line.fault).filter(Boolean));

test.each([
  [
    "noCache",
    [
      "a model's revision could not be read",
      "a model's revision could not be recorded",
      "the cache could not be read",
    ],
  ],
  ["noFlights", ["a flight could not be asked"]],
  [
    "neither",
    [
      "a model's revision could not be read",
      "a model's revision could not be recorded",
      "the cache could not be read",
      "a flight could not be asked",
    ],
  ],
] as const)(
  "with bindings that fail (%s) requests are answered, and it is logged",
  async (edge, expected) => {
    edges.log.splice(0);
    for (let i = 0; i < 2; i++) {
      const { status, body, ended } = await speech(edges.urls[edge], { input: `With ${edge}.` });
      expect({ status, ended }).toEqual({ status: 200, ended: "complete" });
      expect(body.equals(audio)).toBe(true);
    }
    await expect.poll(faults).toEqual(new Set(expected));
  },
);

test("a cache serves without flights that fail", async () => {
  const request = { input: "Only the cache works." };
  await speech(edges.urls.noFlights, request);
  await expect
    .poll(async () => (await speech(edges.urls.noFlights, request)).headers["x-cache"])
    .toBe("HIT");
});
