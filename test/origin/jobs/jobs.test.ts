import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../../origin/http/app.ts";
import { type Job, type JobLimits, type Jobs, openJobs } from "../../../origin/jobs/jobs.ts";
import { createLogger } from "../../../origin/log.ts";
import { openVoiceStore } from "../../../origin/voices/voice-store.ts";
import { plainCatalogue } from "../../../shared/catalogue.ts";
import { isOver } from "../../../shared/jobs/job-answer.ts";
import { readJob } from "../../../shared/jobs/job-request.ts";
import { mountSmallDisk } from "../../support/small-disk.ts";
import {
  createTestSpeechServices,
  type TestSpeechServices,
} from "../../support/speech-services.ts";

const log = createLogger("silent");
const sentence = "The quick brown fox jumps over the lazy dog. ";

let lent: TestSpeechServices;
let folder: string;
let opened: Jobs[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "jobs-"));
  lent = await createTestSpeechServices();
});

afterEach(async () => {
  for (const jobs of opened) await jobs.close();
  opened = [];
});

afterAll(async () => {
  await lent.close();
  rmSync(folder, { recursive: true });
});

function open(name: string, limits: Partial<JobLimits> = {}): Jobs {
  const directory = join(folder, name);
  const all = { directory, maxQueued: 20, maxBytes: 1e9, ttlSeconds: 3600, ...limits };
  const jobs = openJobs(all, lent.services, log);
  opened.push(jobs);
  return jobs;
}

const order = (body: object) => readJob(body, plainCatalogue);

async function ended(job: Job): Promise<Job> {
  const never = new AbortController().signal;
  while (!isOver(job.record.status)) await job.nextChange(never);
  return job;
}

describe("jobs", () => {
  it("are refused where there are as many as there may be", async () => {
    await expect(
      open("none", { maxQueued: 0 }).create(order({ input: "One." }), "a"),
    ).rejects.toMatchObject({ status: 429, code: "too_many_jobs" });
  });

  it("are refused where they would take more of the disk than they may, with the sizes", async () => {
    const jobs = open("small", { maxBytes: 1_000_000 });
    await expect(jobs.create(order({ input: sentence.repeat(10) }), "a")).rejects.toMatchObject({
      status: 507,
      code: "insufficient_storage",
      message: expect.stringMatching(
        /^The 450 characters of this job would take about \d+ bytes; .* have 1000000 of 1000000 left\.$/,
      ),
    });
    expect(jobs.list("a")).toEqual([]);
  });

  it("are spoken one after the other, and listed with the newest first, each to its owner", async () => {
    const jobs = open("order");
    const first = await jobs.create(order({ input: "One." }), "a");
    const second = await jobs.create(order({ input: "Two." }), "b");
    const third = await jobs.create(order({ input: "Three." }), "a");
    expect([first, second, third].map((job) => job.answer().progress.queue_position)).toEqual([
      null,
      1,
      2,
    ]);
    await ended(third);
    expect([first, second].map((job) => job.record.status)).toEqual(["succeeded", "succeeded"]);
    expect(jobs.list("a").map(({ id }) => id)).toEqual([third.record.id, first.record.id]);
    expect(() => jobs.find(second.record.id, "a")).toThrow(
      expect.objectContaining({ status: 404, code: "job_not_found" }),
    );
  });

  it("that are over are deleted after a while, with their files", async () => {
    const jobs = open("ttl", { ttlSeconds: 0 });
    const job = await ended(await jobs.create(order({ input: "One." }), "a"));
    expect(job.answer().files[0]?.complete).toBe(true);
    await jobs.close();
    const again = open("ttl");
    expect(again.originId).toBe(jobs.originId);
    await expect.poll(() => readdirSync(join(folder, "ttl"))).not.toContain(job.record.id);
    expect(again.list("a")).toEqual([]);
  });

  it("whose record cannot be read are left where they are, and the others go on", async () => {
    const jobs = open("damaged");
    const [first, second] = [
      await ended(await jobs.create(order({ input: "One." }), "a")),
      await ended(await jobs.create(order({ input: "Two." }), "a")),
    ];
    await jobs.close();
    const path = join(folder, "damaged", first.record.id, "job.json");
    writeFileSync(path, readFileSync(path, "utf8").slice(0, 100));
    expect(
      open("damaged")
        .list("a")
        .map(({ id }) => id),
    ).toEqual([second.record.id]);
    expect(readFileSync(path, "utf8")).toHaveLength(100);
  });

  it("give their folder to one process at a time", async () => {
    await open("shared").create(order({ input: "One." }), "a");
    await expect(open("shared").create(order({ input: "Two." }), "a")).rejects.toMatchObject({
      status: 503,
      code: "jobs_not_available",
    });
  });
});

it("a job whose disk is full has failed, and keeps nothing of its sound", async (context) => {
  const disk = mountSmallDisk(3000);
  if (!disk) return context.skip("this user may not mount a small disk");
  const jobs = open("full", { directory: disk.directory });
  try {
    const job = await ended(await jobs.create(order({ input: sentence.repeat(50) }), "a"));
    expect(job.answer()).toMatchObject({
      status: "failed",
      error: { code: "insufficient_storage", message: "The disk of this server is full." },
      files: [],
    });
    expect(job.answer().progress.characters_spoken).toBeGreaterThan(0);
    const names = readdirSync(join(disk.directory, job.record.id));
    expect(names.toSorted()).toEqual(["job.json", "script.json"]);
    const next = await ended(await jobs.create(order({ input: "Short." }), "a"));
    expect(next.record.status).toBe("succeeded");
  } finally {
    await jobs.close();
    disk.remove();
  }
});

it("a job that comes to take more than the jobs may has failed", async () => {
  // Numbers take longer to say than is guessed.
  const input = "1234567890 ".repeat(10);
  const jobs = open("quota", { maxBytes: 850_000 });
  const job = await ended(await jobs.create(order({ input, response_format: "pcm" }), "a"));
  expect(job.answer()).toMatchObject({
    status: "failed",
    error: { code: "insufficient_storage" },
    files: [],
  });
});

it("an origin that does not trust an edge has no jobs for its keys, which all would share", async () => {
  const settings = { tokens: [], isLocal: false, catalogue: plainCatalogue };
  const voices = openVoiceStore(join(folder, "voices"), log);
  const app = createApp(lent.services, open("untrusted"), voices, settings, log);
  const ask = (headers: Record<string, string>) => app.request("/v1/audio/jobs", { headers });
  const refused = await ask({ "x-job-caller": "abc" });
  expect(refused.status).toBe(500);
  expect(await refused.json()).toMatchObject({ error: { code: "misconfigured" } });
  expect((await ask({})).status).toBe(200);
});
