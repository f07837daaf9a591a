import { type Context, Hono, type MiddlewareHandler } from "hono";
import { ApiError } from "../../shared/api-error.ts";
import { requestHeaders } from "../../shared/http/audio-headers.ts";
import { invalidJson } from "../../shared/http/errors.ts";
import { onlyMethods } from "../../shared/http/methods.ts";
import { jsonBodyUpTo, maxLongBodyBytes } from "../../shared/http/speech-body.ts";
import { jobListSchema, jobSchema } from "../../shared/jobs/job-answer.ts";
import { jobsPath, originOfJob, unspokenHeader } from "../../shared/jobs/job-id.ts";
import { countJobCharacters, type JobRequest, readJob } from "../../shared/jobs/job-request.ts";
import { requireCaller, requireModel } from "../auth/require-caller.ts";
import type { CallerEnv } from "../context.ts";
import { badGateway, leaving } from "../errors.ts";
import { giveBackLater, takeCharacters } from "../limits/reserve-characters.ts";
import { askForJobs } from "../origins/ask-for-jobs.ts";
import { originBody } from "../origins/ask-origin.ts";
import { findJobOrigin, forgetJobOrigin } from "../origins/job-origins.ts";
import { rendezvous } from "../origins/rendezvous.ts";
import { noteTrouble, troubledLast } from "../origins/troubles.ts";
import { requireOrigins, settingsOf } from "../settings.ts";
import { voiceFilesOf } from "../voices/voice-files.ts";

type JobContext = Context<CallerEnv>;

/** What a client may ask of a file. */
const askedHeaders = ["range", "if-range", "if-match", "if-none-match"];

/** What an origin's answer tells the client. */
const toldHeaders = [
  ...["content-type", "content-disposition", "content-length", "content-range", "accept-ranges"],
  ...["etag", "cache-control", "location", "x-accel-buffering"],
];

const chapterPath = `${jobsPath}/:id/chapters/:number{[1-9][0-9]{0,3}}`;

/**
 * The jobs of a key, which origins keep: the edge knows who asks and what they have left, and which origin it is. A script's
 * characters are taken when it is handed in; what is never spoken is given back when the edge hears of it.
 */
export function jobRoutes(keptVoices: MiddlewareHandler<CallerEnv>): Hono<CallerEnv> {
  const app = new Hono<CallerEnv>();
  const caller = requireCaller("speech");

  app.post(jobsPath, caller, ...jsonBodyUpTo(maxLongBodyBytes), keptVoices, createJob);
  app.get(jobsPath, caller, listJobs);
  app.all(jobsPath, onlyMethods("GET", "POST"));

  for (const path of [`${jobsPath}/:id`, `${jobsPath}/:id/events`, `${jobsPath}/:id/file`]) {
    app.get(path, caller, passOn);
  }
  app.get(chapterPath, caller, passOn);
  app.post(`${jobsPath}/:id/cancel`, caller, passOn);
  app.delete(`${jobsPath}/:id`, caller, passOn);
  app.all(`${jobsPath}/:id`, onlyMethods("GET", "DELETE"));
  app.all(`${jobsPath}/:id/cancel`, onlyMethods("POST"));
  for (const path of [`${jobsPath}/:id/events`, `${jobsPath}/:id/file`, chapterPath]) {
    app.all(path, onlyMethods("GET"));
  }
  return app;
}

/** `POST /v1/audio/jobs`. */
async function createJob(c: JobContext): Promise<Response> {
  const catalogue = c.var.names ?? settingsOf(c.env).catalogue;
  const fields: unknown = await c.req.json().catch(() => {
    throw invalidJson();
  });
  const order = readJob(fields, catalogue);
  requireModel(c.var.caller, order.request);
  const characters = countJobCharacters(order);
  const taken = await takeCharacters(c.env, c.var.caller, { characters });
  try {
    const answer = await handIn(c, bodyOf(fields as Record<string, unknown>, order));
    const { "x-ignored-fields": ignored } = requestHeaders(order.request);
    return told(answer, { ...taken?.headers, ...(ignored ? { "x-ignored-fields": ignored } : {}) });
  } catch (cause) {
    await taken?.giveBack(characters);
    throw cause;
  }
}

/** As an origin is told it, with names as they were resolved here. */
function bodyOf(
  fields: Record<string, unknown>,
  { request, chapters, output }: JobRequest,
): string {
  const known: unknown = JSON.parse(originBody({ ...fields, input: undefined }, request));
  return JSON.stringify({ ...(known as object), chapters, output });
}

/** To any origin that takes it: each has a queue of its own. */
async function handIn(c: JobContext, body: string): Promise<Response> {
  const settings = settingsOf(c.env);
  let failure: unknown;
  for (const origin of troubledLast(await rendezvous(c.var.requestId, requireOrigins(settings)))) {
    try {
      return await ask(c, origin, "jobs", { method: "POST", body });
    } catch (cause) {
      // Another origin may have room, or be there.
      const mayTakeIt = cause instanceof ApiError && [429, 502, 503, 507].includes(cause.status);
      if (!mayTakeIt) throw cause;
      if (cause.code === "origin_unreachable") noteTrouble(origin);
      failure ??= cause;
    }
  }
  throw failure;
}

/** `GET /v1/audio/jobs`, of all origins. */
async function listJobs(c: JobContext): Promise<Response> {
  const origins = requireOrigins(settingsOf(c.env));
  const lists = await Promise.allSettled(
    origins.map(async (origin) => {
      const answer = await ask(c, origin, "jobs", { method: "GET" });
      return jobListSchema.parse(await answer.json()).data;
    }),
  );
  const found = lists.filter((list) => list.status === "fulfilled");
  const [failed] = lists.filter((list) => list.status === "rejected");
  if (found.length === 0 && failed) throw failed.reason;
  const data = found.flatMap(({ value }) => value).toSorted((a, b) => b.created_at - a.created_at);
  return c.json({ object: "list", data, ...(failed ? { incomplete: true } : {}) });
}

/** What is asked of one job, by the origin that its id names. */
async function passOn(c: JobContext): Promise<Response> {
  const originId = originOfJob(c.req.param("id") ?? "");
  const settings = settingsOf(c.env);
  const origin = await findJobOrigin(originId, settings);
  const path = c.req.path.slice("/v1/audio/".length);
  const headers = Object.fromEntries(
    askedHeaders.flatMap((name) => {
      const value = c.req.header(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  try {
    const answer = await ask(c, origin, path, { method: c.req.method, headers });
    const unspoken = Number(answer.headers.get(unspokenHeader));
    if (unspoken > 0) return await giveBack(c, answer, unspoken);
    return told(answer);
  } catch (cause) {
    // Another one may be there by now, and this one elsewhere.
    if (cause instanceof ApiError && [404, 503].includes(cause.status)) forgetJobOrigin(originId);
    throw cause;
  }
}

/** Of a job that is over, the first time that it is heard of. */
async function giveBack(c: JobContext, answer: Response, unspoken: number): Promise<Response> {
  const text = await answer.text();
  const job = jobSchema.pick({ created_at: true }).parse(JSON.parse(text));
  await giveBackLater(c.env, c.var.caller, unspoken, job.created_at);
  return told(new Response(text, answer));
}

async function ask(
  c: JobContext,
  origin: URL,
  path: string,
  order: { method: string; headers?: Record<string, string>; body?: string },
): Promise<Response> {
  const { originTokens: tokens } = settingsOf(c.env);
  const { signal } = leaving(c.req.raw.signal);
  const { id: caller } = c.var.caller;
  const voiceFiles = voiceFilesOf(c.env.VOICES, caller);
  return askForJobs({
    voiceFiles,
    origin,
    tokens,
    path,
    caller,
    correlation: c.var.correlation,
    signal,
    ...order,
  });
}

function told(answer: Response, more: Record<string, string> = {}): Response {
  const { status, body, headers } = answer;
  if (status >= 300 && status !== 304) {
    throw badGateway(`The speech origin answered ${status} where it was asked for a job.`);
  }
  const picked = toldHeaders.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return new Response(body, { status, headers: { ...Object.fromEntries(picked), ...more } });
}
