import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Origin } from "../../origin/http/server.ts";
import type { JobAnswer, JobEvent } from "../../shared/jobs/job-answer.ts";
import { type Edges, startEdges } from "../support/edge.ts";
import { decode, hasFfmpeg, withFfmpeg } from "../support/ffmpeg.ts";
import { storeKey, type TestKey } from "../support/keys.ts";
import { type RunningProcess, runProgram } from "../support/run-program.ts";
import { receive, send } from "../support/sockets.ts";
import { startTestOrigin } from "../support/system.ts";
import { unusedPort } from "../support/unused-port.ts";

const path = "/v1/audio/jobs";
const sentence = "The quick brown fox jumps over the lazy dog. ";

/** Some 40 seconds of speech in a part, and so many parts. */
const script = (parts: number) => sentence.repeat(13 * parts);

let folder: string;
let port: number;
/** Speaks at sixty times real time. */
let child: RunningProcess;
/** As fast as it can, in this process. */
let origin: Origin;
let edges: Edges<"edge" | "keyed" | "alone">;
let edge: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "jobs-"));
  port = await unusedPort();
  child = await startChild();
  origin = await startTestOrigin({ JOBS_DIR: join(folder, "here") });
  const paced = `http://127.0.0.1:${port}`;
  edges = await startEdges({
    edge: { ORIGIN_URLS: `${origin.url},${paced}` },
    keyed: { ORIGIN_URLS: paced, AUTH: "keys" },
    alone: { ORIGIN_URLS: origin.url },
  });
  edge = edges.urls.edge;
});

afterAll(async () => {
  await edges.close();
  await origin.close();
  child.child.kill("SIGKILL");
  await child.exited;
  rmSync(folder, { recursive: true, force: true });
});

async function startChild(): Promise<RunningProcess> {
  const started = runProgram("origin/main.ts", {
    environment: {
      ORIGIN_PORT: String(port),
      LOG_LEVEL: "silent",
      DRAIN_SECONDS: "1",
      JOBS_DIR: join(folder, "paced"),
      BUILTIN_PACE: "60",
    },
  });
  await started.until(/^origin http:/m);
  return started;
}

const paced = () => `http://127.0.0.1:${port}`;

async function ask<T = JobAnswer>(
  url: string,
  method = "GET",
  body?: object,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; body: T }> {
  const answer = await fetch(url, {
    method,
    headers: { ...(body ? { "content-type": "application/json" } : {}), ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as T };
}

async function create(url: string, body: object, key?: TestKey): Promise<JobAnswer> {
  const { status, body: job } = await ask(url + path, "POST", body, key?.headers);
  expect(status, JSON.stringify(job)).toBe(202);
  return job;
}

async function until(
  url: string,
  id: string,
  holds: (job: JobAnswer) => boolean,
  key?: TestKey,
): Promise<JobAnswer> {
  let last: JobAnswer | undefined;
  await expect
    .poll(
      async () => {
        last = (await ask(`${url}${path}/${id}`, "GET", undefined, key?.headers)).body;
        return holds(last) || last.status === "failed";
      },
      { timeout: 120_000, interval: 50 },
    )
    .toBe(true);
  if (!last || !holds(last)) throw new Error(JSON.stringify(last));
  return last;
}

const isDone = ({ status }: JobAnswer) => status === "succeeded";
const hasSpoken = (fraction: number) => (job: JobAnswer) => job.progress.fraction >= fraction;

async function fileOf(
  url: string,
  { files }: Pick<JobAnswer, "files">,
  index = 0,
  key?: TestKey,
): Promise<Buffer> {
  const answer = await fetch(url + files[index]?.path, { headers: key?.headers ?? {} });
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

describe("a job", () => {
  it("that was parked once and killed once makes the file of one that was not", async () => {
    const order = {
      response_format: "mp3",
      chapters: [
        { title: "One", input: script(3) },
        { title: "Two", input: script(4) },
      ],
    };
    const key = await storeKey(edges);
    const keyed = edges.urls.keyed;
    const whole = await create(origin.url, order);
    const job = await create(keyed, order, key);
    await until(keyed, job.id, hasSpoken(0.25), key);
    child.child.kill("SIGTERM");
    expect((await child.exited).code).toBe(0);

    child = await startChild();
    const parked = await until(keyed, job.id, hasSpoken(0.6), key);
    expect(parked.status).toBe("running");
    child.child.kill("SIGKILL");
    await child.exited;
    const get = () => ask(`${keyed}${path}/${job.id}`, "GET", undefined, key.headers);
    const lost = await get();
    expect([lost.status, lost.body.error?.code]).toEqual([503, "origin_unreachable"]);

    child = await startChild();
    expect((await get()).body.progress.fraction).toBeGreaterThanOrEqual(0.5);
    const done = await until(keyed, job.id, isDone, key);
    await until(origin.url, whole.id, isDone);
    const file = await fileOf(keyed, done, 0, key);
    expect(file.equals(await fileOf(origin.url, whole))).toBe(true);
    expect(readdirSync(join(folder, "paced", job.id)).toSorted()).toEqual([
      "file-1.mp3",
      "job.json",
      "script.json",
    ]);
    if (!hasFfmpeg) return;
    const { pcm, sampleRate } = await decode(file);
    expect(pcm.length / sampleRate).toBeCloseTo(done.progress.seconds, 0);
  });

  it("makes a file for each chapter where that is wanted, each as soon as it is whole", async () => {
    const chapters = [{ title: "A", input: "A first." }, { input: "A second one." }];
    const job = await create(origin.url, { output: "chapters", response_format: "wav", chapters });
    const { files, chapters: told } = await until(origin.url, job.id, isDone);
    expect(files.map(({ path, complete }) => [path, complete])).toEqual([
      [`${path}/${job.id}/chapters/1`, true],
      [`${path}/${job.id}/chapters/2`, true],
    ]);
    for (const [index, { seconds, start_seconds }] of told.entries()) {
      const wav = await fileOf(origin.url, { files }, index);
      expect(wav.readUInt32LE(40)).toBe(wav.byteLength - 44);
      expect((wav.byteLength - 44) / 48_000).toBeCloseTo(seconds, 2);
      expect(start_seconds).toBe(0);
    }
    for (const wrong of ["chapters/3", "file"]) {
      const { status, body } = await ask<{ error: { code: string } }>(
        `${origin.url}${path}/${job.id}/${wrong}`,
      );
      expect([status, body.error.code]).toEqual([404, "audio_not_found"]);
    }
  });

  it.skipIf(!hasFfmpeg)(withFfmpeg("has the marks of its chapters in mp3"), async () => {
    const chapters = [
      { title: "Eins – „ü“", input: "A first." },
      { title: "章", input: "A second one." },
    ];
    const job = await create(origin.url, { chapters });
    const done = await until(origin.url, job.id, isDone);
    const { chapters: marks } = await probeChapters(await fileOf(origin.url, done));
    expect(marks.map(({ tags }) => tags.title)).toEqual(["Eins – „ü“", "章"]);
    expect(marks.map(({ start_time }) => Number(start_time))).toEqual(
      done.chapters.map(({ start_seconds }) => expect.closeTo(start_seconds, 2)),
    );
  });
});

describe.each(["origin", "edge"] as const)("by way of the %s", (program) => {
  const url = () => (program === "edge" ? edges.urls.keyed : paced());
  let key: TestKey | undefined;
  let headers: Record<string, string>;

  beforeAll(async () => {
    key = program === "edge" ? await storeKey(edges) : undefined;
    headers = key?.headers ?? {};
  });

  it("a file is fetched while it grows, in parts, and as it is spoken", async () => {
    const job = await create(url(), { input: script(4), response_format: "opus" }, key);
    const file = `${url()}${path}/${job.id}/file`;
    const growing = await until(url(), job.id, hasSpoken(0.2), key);
    const bytes = growing.files[0]?.bytes ?? 0;
    expect(growing.files[0]?.complete).toBe(false);
    const following = receive(await send(file, { headers }).head);

    const part = await receive(
      await send(file, { headers: { ...headers, range: "bytes=100-1099" } }).head,
    );
    expect(part.status).toBe(206);
    expect(part.headers["content-range"]).toBe("bytes 100-1099/*");
    const rest = await receive(
      await send(file, { headers: { ...headers, range: `bytes=${bytes - 10}-` } }).head,
    );
    expect(rest.status).toBe(206);
    expect(rest.headers["content-range"]).toMatch(new RegExp(`^bytes ${bytes - 10}-\\d+/\\*$`));
    const beyond = await receive(
      await send(file, { headers: { ...headers, range: "bytes=99999999-" } }).head,
    );
    expect(beyond.status).toBe(416);
    expect(beyond.headers["content-range"]).toMatch(/^bytes \*\/\d+$/);
    expect(beyond.headers["retry-after"]).toBe("10");

    const { ended, body, headers: told } = await following;
    expect(ended).toBe("complete");
    expect(told["content-length"]).toBeUndefined();
    const done = await until(url(), job.id, isDone, key);
    expect(body.byteLength).toBe(done.files[0]?.bytes);
    expect(part.body.equals(body.subarray(100, 1100))).toBe(true);
    expect(rest.body.equals(body.subarray(bytes - 10, bytes - 10 + rest.body.byteLength))).toBe(
      true,
    );

    const whole = await receive(await send(file, { headers }).head);
    expect(whole.headers["content-length"]).toBe(String(body.byteLength));
    expect(whole.body.equals(body)).toBe(true);
    const etag = whole.headers.etag ?? "";
    const again = await send(file, { headers: { ...headers, "if-none-match": etag } }).head;
    expect((await receive(again)).status).toBe(304);
    const end = await send(file, { headers: { ...headers, range: "bytes=-100" } }).head;
    const tail = await receive(end);
    expect(tail.headers["content-range"]).toBe(
      `bytes ${body.byteLength - 100}-${body.byteLength - 1}/${body.byteLength}`,
    );
    const head = await send(file, { method: "HEAD", headers }).head;
    expect((await receive(head)).headers["content-length"]).toBe(String(body.byteLength));
  });

  it("it is heard how a job gets on, to its end", async () => {
    const job = await create(url(), { input: script(2) }, key);
    const answer = await receive(await send(`${url()}${path}/${job.id}/events`, { headers }).head);
    expect(answer.ended).toBe("complete");
    expect(answer.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    const events = Array.from(
      answer.body.toString().matchAll(/^data: (.*)$/gm),
      ([, data = ""]) => JSON.parse(data) as JobEvent,
    );
    expect(events.length).toBeGreaterThan(2);
    expect(events.at(-1)?.type).toBe("job.succeeded");
    const fractions = events.map(({ job: told }) => told.progress.fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });

  it("a job is cancelled while it is spoken and while it waits, and whoever follows it is reset", async () => {
    const first = await create(url(), { input: script(20) }, key);
    const second = await create(url(), { input: script(1) }, key);
    expect(second).toMatchObject({ status: "queued", progress: { queue_position: 1 } });
    const early = await ask<{ error: { code: string } }>(
      `${url()}${path}/${second.id}/file`,
      "GET",
      undefined,
      headers,
    );
    expect([early.status, early.body.error.code]).toEqual([409, "job_not_ready"]);
    await until(url(), first.id, hasSpoken(0.05), key);
    const following = receive(await send(`${url()}${path}/${first.id}/file`, { headers }).head);
    for (const { id } of [second, first]) {
      const { status, body } = await ask(
        `${url()}${path}/${id}/cancel`,
        "POST",
        undefined,
        headers,
      );
      expect([status, body.status]).toEqual([200, "cancelled"]);
      expect(body.expires_at).toBe((body.finished_at ?? 0) + 72 * 60 * 60);
    }
    expect((await following).ended).toBe("reset");
    const { status } = await ask(`${url()}${path}/${first.id}/file`, "GET", undefined, headers);
    expect(status).toBe(404);

    const deleted = await ask(`${url()}${path}/${first.id}`, "DELETE", undefined, headers);
    expect(deleted.body).toMatchObject({ id: first.id, deleted: true });
    expect((await ask(`${url()}${path}/${first.id}`, "GET", undefined, headers)).status).toBe(404);
    expect(readdirSync(join(folder, "paced"))).not.toContain(first.id);
  });
});

describe("by way of an edge, a job", () => {
  it("is its key's alone", async () => {
    const [mine, other] = [await storeKey(edges), await storeKey(edges)];
    const url = edges.urls.keyed;
    const job = await create(url, { input: "Mine." }, mine);
    for (const [method, rest] of [
      ["GET", ""],
      ["GET", "/events"],
      ["GET", "/file"],
      ["POST", "/cancel"],
      ["DELETE", ""],
    ] as const) {
      const { status, body } = await ask<{ error: { code: string } }>(
        `${url}${path}/${job.id}${rest}`,
        method,
        undefined,
        other.headers,
      );
      expect([method, rest, status, body.error.code]).toEqual([method, rest, 404, "job_not_found"]);
    }
    const list = (key: TestKey) =>
      ask<{ data: JobAnswer[] }>(url + path, "GET", undefined, key.headers);
    expect((await list(other)).body.data).toEqual([]);
    expect((await list(mine)).body.data.map(({ id }) => id)).toEqual([job.id]);
    // Nor is it the origin's own.
    expect((await ask(`${paced()}${path}/${job.id}`)).status).toBe(404);
    await until(url, job.id, isDone, mine);
  });

  it("takes its key's characters, and gives back once what was never spoken", async () => {
    const key = await storeKey(edges, { characters_per_day: 20_000 });
    const url = edges.urls.keyed;
    const input = script(20);
    const { headers } = await ask(url + path, "POST", { input }, key.headers);
    const left = 20_000 - input.length;
    expect(headers.get("x-ratelimit-remaining-characters")).toBe(String(left));
    const refused = await ask<{ error: { code: string } }>(
      url + path,
      "POST",
      { input },
      key.headers,
    );
    expect([refused.status, refused.body.error.code]).toEqual([429, "insufficient_quota"]);

    const { data } = (await ask<{ data: JobAnswer[] }>(url + path, "GET", undefined, key.headers))
      .body;
    const id = data[0]?.id ?? "";
    await until(url, id, hasSpoken(0.05), key);
    const { body } = await ask(`${url}${path}/${id}/cancel`, "POST", undefined, key.headers);
    await ask(`${url}${path}/${id}/cancel`, "POST", undefined, key.headers);
    await ask(`${url}${path}/${id}`, "GET", undefined, key.headers);
    const unspoken = input.length - body.progress.characters_spoken;
    expect(unspoken).toBeGreaterThan(0);
    const next = await ask(url + path, "POST", { input: "a" }, key.headers);
    expect(next.headers.get("x-ratelimit-remaining-characters")).toBe(String(left + unspoken - 1));
  });

  it("is found at the origin that has it, and one whose origin is gone is not", async () => {
    const jobs = await Promise.all(
      Array.from({ length: 8 }, (_, i) => create(edge, { input: `Number ${i}.` })),
    );
    const origins = new Set(jobs.map(({ id }) => id.split("_")[1]));
    expect(origins.size).toBe(2);
    for (const { id } of jobs) await until(edge, id, isDone);
    const list = (await ask<{ data: JobAnswer[] }>(edge + path)).body;
    const found = new Set(list.data.map(({ id }) => id));
    for (const { id } of jobs) expect(found).toContain(id);

    const here = (await ask<{ jobs: { origin: string } }>(`${origin.url}/health`)).body.jobs.origin;
    const elsewhere = jobs.find(({ id }) => !id.startsWith(`job_${here}_`))?.id ?? "";
    const lost = await ask<{ error: { code: string } }>(`${edges.urls.alone}${path}/${elsewhere}`);
    expect([lost.status, lost.body.error.code]).toEqual([404, "job_not_found"]);
    expect((await ask(`${edge}${path}/job_x`)).status).toBe(404);
  });
});

it("speech that somebody waits for does not wait for a job", async () => {
  const job = await create(paced(), { input: script(30) });
  await until(paced(), job.id, hasSpoken(0.01));
  const startedAt = performance.now();
  const spoken = await receive(
    await send(`${paced()}/v1/audio/speech`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ input: "Hello!", voice: "alloy" }),
    }).head,
  );
  expect(spoken.status).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  expect((await ask(`${paced()}${path}/${job.id}`)).body.status).toBe("running");
  await ask(`${paced()}${path}/${job.id}`, "DELETE");
});

interface Marks {
  chapters: { start_time: string; tags: { title: string } }[];
}

async function probeChapters(file: Buffer): Promise<Marks> {
  const { execFileSync } = await import("node:child_process");
  const args = ["-v", "error", "-show_chapters", "-of", "json", "-i", "pipe:0"];
  return JSON.parse(execFileSync("ffprobe", args, { input: file }).toString());
}
