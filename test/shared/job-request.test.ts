import { expect, test } from "vitest";
import { plainCatalogue } from "../../shared/catalogue.ts";
import { countJobCharacters, readJob } from "../../shared/jobs/job-request.ts";

const read = (body: unknown) => readJob(body, plainCatalogue);
const chapter = { title: "One", input: "Hello!" };

test.each([
  [[], null, "the body must be a JSON object; got an array of 0"],
  [{}, "input", "input is required"],
  [{ input: 7 }, "input", "input must be a string; got 7"],
  [
    { input: " " },
    "input",
    "input must have something to say; it has 1 characters, none but white space",
  ],
  [
    { input: "a".repeat(1_000_001) },
    "input",
    "input must have at most 1000000 characters (Unicode code points); it has 1000001",
  ],
  [{ input: "a", chapters: [chapter] }, "input", "input must be left out beside chapters"],
  [{ chapters: {} }, "chapters", "chapters must be an array; got an object"],
  [{ chapters: [] }, "chapters", "chapters must have 1 to 500 entries; it has 0"],
  [{ chapters: ["a"] }, "chapters", 'chapters[0] must be a JSON object; got "a"'],
  [{ chapters: [chapter, {}] }, "chapters", "chapters[1].input must be a string; got nothing"],
  [
    { chapters: [{ ...chapter, title: 7 }] },
    "chapters",
    "chapters[0].title must be a string of at most 200 characters; got 7",
  ],
  [
    { chapters: [{ input: "a".repeat(900_000) }, { input: "a".repeat(100_001) }] },
    "chapters",
    "chapters must have at most 1000000 characters (Unicode code points) together; they have more from chapters[1] on",
  ],
  [{ input: "a", output: "book" }, "output", 'output must be file or chapters; got "book"'],
  [{ input: "a", speed: 9 }, "speed", "speed must be a number from 0.25 to 4; got 9"],
])("a job %# is refused: %s", (body, param, message) => {
  expect(() => read(body)).toThrow(expect.objectContaining({ status: 400, param, message }));
});

test("a script of a million characters is taken, and counted by code points", () => {
  const order = read({ input: "né 😀 ".repeat(200_000), response_format: "opus" });
  expect(countJobCharacters(order)).toBe(1_000_000);
  expect(order).toMatchObject({ output: "file", request: { format: "opus", trimSilence: true } });
});

test("chapters have titles or none, and what has no effect is named", () => {
  const { chapters, output, request } = read({
    chapters: [chapter, { title: " ", input: "e\u0301" }],
    output: "Chapters",
    stream: false,
    trim_silence: true,
    mood: 1,
  });
  expect(chapters).toEqual([
    { title: "One", input: "Hello!" },
    { title: null, input: "\u00e9" },
  ]);
  expect(output).toBe("chapters");
  expect(request.ignoredFields).toEqual(["mood", "stream", "trim_silence"]);
});
