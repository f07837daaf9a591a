import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TakenUp, takeUp } from "../../../origin/cli/speak/taken-up.ts";
import type { JobRecord } from "../../../origin/jobs/job-record.ts";
import { type JobStore, openJobStore } from "../../../origin/jobs/job-store.ts";
import { createLogger } from "../../../origin/log.ts";
import { plainCatalogue } from "../../../shared/catalogue.ts";
import { readJob } from "../../../shared/jobs/job-request.ts";

const body = { chapters: [{ title: "One", input: "Hello." }, { input: "Goodbye." }] };
const take = { engine: "builtin", revision: "a".repeat(16) };

let root: string;
let begun = 0;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "taken-up-"));
});

afterAll(() => rmSync(root, { recursive: true }));

type Left = { folder: string; store: JobStore; record: JobRecord };

/** Opens the folder as a process does that speaks a book. */
async function open<T>(
  folder: string,
  change: { body?: object; take?: typeof take },
  use: (taken: TakenUp, store: JobStore) => Promise<T>,
): Promise<T> {
  const store = openJobStore(folder, createLogger("silent"));
  try {
    const order = readJob({ ...body, ...change.body }, plainCatalogue);
    const options = { take: change.take ?? take, defaultLanguage: "english" } as const;
    return await use(await takeUp(store, folder, order, options), store);
  } finally {
    store.close();
  }
}

/** What is left when the first of two chapters has been spoken. */
async function leave(name: string, spokenParts = 1): Promise<Left> {
  const folder = join(root, name);
  return open(folder, {}, async ({ record, anew }, store) => {
    expect(anew).toBeNull();
    const [first] = record.chapters;
    if (first) Object.assign(first, { spokenParts, spokenCharacters: 6, samples: 1000 });
    writeFileSync(store.path(record.id, "chapter-1.pcm"), Buffer.alloc(2000));
    await store.save(record);
    return { folder, store, record };
  });
}

it("a book goes on where text, options and model are the same, whatever else is asked for", async () => {
  const { folder, record } = await leave("same");
  const taken = await open(folder, { body: { stream: false } }, async (found) => found);
  expect(taken).toMatchObject({ anew: null, record: { id: record.id } });
  expect(taken.record.chapters[0]).toMatchObject({ spokenParts: 1, samples: 1000 });
});

describe("a book is begun anew where", () => {
  const changes: [string, { body?: object; take?: typeof take }, (left: Left) => void][] = [
    ["the text has changed", { body: { chapters: [{ title: "One", input: "Hello!" }] } }, () => {}],
    [
      "the text has changed",
      { body: { chapters: [{ title: "I", input: "Hello." }, { input: "Goodbye." }] } },
      () => {},
    ],
    [
      "it is to be spoken otherwise (voice, sample-rate, chapters)",
      { body: { voice: "echo", sample_rate: 16_000, output: "chapters" } },
      () => {},
    ],
    ["the model that speaks it is another", { take: { ...take, revision: "b" } }, () => {}],
    [
      "some of it is missing",
      {},
      ({ store, record }) => truncateSync(store.path(record.id, "chapter-1.pcm"), 1999),
    ],
    ...["job.json", "take.json", "script.json"].map((name): (typeof changes)[number] => [
      "what is there of it cannot be read",
      {},
      ({ store, record }) => truncateSync(store.path(record.id, name), 10),
    ]),
  ];

  it.each(changes)("%s (%#)", async (why, change, damage) => {
    const left = await leave(`anew-${begun++}`);
    damage(left);
    const { anew, record } = await open(left.folder, change, async (taken) => taken);
    expect(anew).toBe(why);
    expect(readdirSync(left.folder).filter((name) => name.startsWith("job_"))).toEqual([record.id]);
    expect(record.id).not.toBe(left.record.id);
    expect(record.chapters.every(({ spokenParts }) => spokenParts === 0)).toBe(true);
    const again = await open(left.folder, change, async (taken) => taken);
    expect(again).toMatchObject({ anew: null, record: { id: record.id } });
  });

  it("nothing has been spoken, which nobody needs to be told", async () => {
    const { folder } = await leave("nothing", 0);
    const { anew } = await open(folder, { body: { voice: "echo" } }, async (taken) => taken);
    expect(anew).toBeNull();
  });
});

it("what was kept of a book is deleted when it is whole, and nothing that is somebody else's", async () => {
  const [{ folder: own }, { folder: shared }] = [await leave("own"), await leave("shared")];
  writeFileSync(join(shared, "mine.txt"), "Mine.");
  for (const folder of [own, shared]) await openJobStore(folder, createLogger("silent")).dissolve();
  expect(existsSync(own)).toBe(false);
  expect(readdirSync(shared)).toEqual(["mine.txt"]);
});
