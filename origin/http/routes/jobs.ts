import { type Context, Hono, type MiddlewareHandler } from "hono";
import { ApiError } from "../../../shared/api-error.ts";
import { byteStream } from "../../../shared/byte-stream.ts";
import type { Catalogue } from "../../../shared/catalogue.ts";
import { sseHeaders, unbuffered } from "../../../shared/http/audio-headers.ts";
import { invalidJson } from "../../../shared/http/errors.ts";
import { onlyMethods } from "../../../shared/http/methods.ts";
import { jsonBodyUpTo, maxLongBodyBytes } from "../../../shared/http/speech-body.ts";
import { isOver, type JobEvent } from "../../../shared/jobs/job-answer.ts";
import {
  jobCallerHeader,
  jobNotFound,
  jobsPath,
  unspokenHeader,
} from "../../../shared/jobs/job-id.ts";
import { readJob } from "../../../shared/jobs/job-request.ts";
import { unspokenCharacters } from "../../jobs/job-record.ts";
import type { Job, Jobs } from "../../jobs/jobs.ts";
import type { OriginEnv } from "../context.ts";
import { openJobFile } from "../job-file.ts";
import { defaultStallLimitMs, stopWith } from "./speech.ts";

/** Proxies give up on what is silent for longer: Cloudflare after 100 seconds. */
const keepAliveMs = 15_000;

/** Whose jobs are those that the origin itself is asked for. */
const ownOwner = "origin";

/** The routes of jobs: scripts that are spoken while nobody waits, and fetched as they grow or when they are whole. */
export function jobRoutes(
  jobs: Jobs,
  catalogue: Catalogue,
  keptVoices: MiddlewareHandler<OriginEnv>,
): Hono<OriginEnv> {
  const app = new Hono<OriginEnv>();
  const find = (c: Context<OriginEnv>) => jobs.find(c.req.param("id") ?? "", ownerOf(c));

  app.post(jobsPath, ...jsonBodyUpTo(maxLongBodyBytes), keptVoices, async (c) => {
    const body: unknown = await c.req.json().catch(() => {
      throw invalidJson();
    });
    const job = await jobs.create(readJob(body, c.var.names ?? catalogue), ownerOf(c));
    // Its own lines have its id, and this one which request that came of.
    c.var.log.info({ job: job.record.id }, "job accepted");
    return c.json(job.answer(), 202, { location: `${jobsPath}/${job.record.id}` });
  });
  app.get(jobsPath, (c) => c.json({ object: "list", data: jobs.list(ownerOf(c)) }));
  app.all(jobsPath, onlyMethods("GET", "POST"));

  app.get(`${jobsPath}/:id`, (c) => tell(c, find(c)));
  app.delete(`${jobsPath}/:id`, async (c) => {
    const job = find(c);
    await job.cancel();
    const unspoken = await unspokenOf(c, job);
    await job.remove();
    const { id, createdAt: created_at } = job.record;
    return c.json({ id, object: "audio.job", created_at, deleted: true }, 200, unspoken);
  });
  app.all(`${jobsPath}/:id`, onlyMethods("GET", "DELETE"));

  app.post(`${jobsPath}/:id/cancel`, async (c) => {
    const job = find(c);
    await job.cancel();
    return tell(c, job);
  });
  app.all(`${jobsPath}/:id/cancel`, onlyMethods("POST"));

  app.get(`${jobsPath}/:id/events`, (c) => {
    const stop = stopWith(c.req.raw.signal);
    const events = byteStream(eventsOf(find(c), stop.signal), stop, {
      stallLimitMs: defaultStallLimitMs,
    });
    return c.body(events, 200, { ...sseHeaders, ...unbuffered, "cache-control": "no-store" });
  });
  app.all(`${jobsPath}/:id/events`, onlyMethods("GET"));

  app.get(`${jobsPath}/:id/file`, (c) => {
    const job = find(c);
    return fileOf(c, job, job.record.output === "file" ? 0 : Number.NaN);
  });
  app.all(`${jobsPath}/:id/file`, onlyMethods("GET"));
  app.get(`${jobsPath}/:id/chapters/:number{[1-9][0-9]{0,3}}`, (c) => {
    const job = find(c);
    const index = Number(c.req.param("number")) - 1;
    return fileOf(c, job, job.record.output === "chapters" ? index : Number.NaN);
  });
  app.all(`${jobsPath}/:id/chapters/:number{[1-9][0-9]{0,3}}`, onlyMethods("GET"));
  return app;
}

/** Throws a 500 where an edge tells of a key to an origin that does not trust it: all keys would have all jobs. */
function ownerOf(c: Context<OriginEnv>): string {
  if (c.req.header(jobCallerHeader) === undefined) return ownOwner;
  if (c.var.jobCaller !== undefined) return `key:${c.var.jobCaller}`;
  throw new ApiError({
    status: 500,
    type: "server_error",
    code: "misconfigured",
    message: "This server is not set up: jobs by way of an edge need ORIGIN_TOKEN at the origin.",
    headers: { "x-should-retry": "false" },
  });
}

async function tell(c: Context<OriginEnv>, job: Job): Promise<Response> {
  return c.json(job.answer(), 200, await unspokenOf(c, job));
}

/** For an edge, once. */
async function unspokenOf(c: Context<OriginEnv>, job: Job): Promise<Record<string, string>> {
  if (c.var.jobCaller === undefined || c.req.method === "HEAD") return {};
  const characters = unspokenCharacters(job.record);
  if (characters === 0 || !(await job.tellUnspoken())) return {};
  return { [unspokenHeader]: String(characters) };
}

function fileOf(c: Context<OriginEnv>, job: Job, index: number): Response {
  const stop = stopWith(c.req.raw.signal);
  const { status, headers, parts } = openJobFile(
    job,
    index,
    (name) => c.req.header(name),
    stop.signal,
  );
  const body = parts && byteStream(parts, stop, { stallLimitMs: defaultStallLimitMs });
  return new Response(c.req.method === "HEAD" ? null : body, { status, headers });
}

async function* eventsOf(job: Job, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  let told = "";
  for (;;) {
    const answer = job.answer();
    const { status } = answer;
    const text = JSON.stringify(answer);
    if (text !== told) {
      const type: JobEvent["type"] =
        status === "succeeded" || status === "failed" || status === "cancelled"
          ? `job.${status}`
          : "job.progress";
      yield encode(`event: ${type}\ndata: ${JSON.stringify({ type, job: answer })}\n\n`);
      told = text;
      // It may have changed while that was being read.
      continue;
    }
    if (isOver(status)) return;
    // A client comes back to hear of a job that was parked, and of one that is gone that it is.
    if (job.isGone) throw jobNotFound();
    const change = new AbortController();
    const timer = setTimeout(() => change.abort(), keepAliveMs);
    await job.nextChange(AbortSignal.any([signal, change.signal]));
    clearTimeout(timer);
    signal.throwIfAborted();
    if (change.signal.aborted) yield encode(": still there\n\n");
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
