import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import { isOver, type JobAnswer, jobSchema } from "../../shared/jobs/job-answer.ts";
import { receive, send } from "../support/sockets.ts";
import { fleetToken } from "./fleet-origin.ts";
import type { Outcome } from "./listener.ts";

/** A script, and the file that it comes to. */
export interface Script {
  fields: { model: string; input: string; response_format: string };
  file: Buffer;
}

/** What became of a job. */
export interface JobOutcome {
  outcome: Outcome;
  /** Of the error that refused or failed it, as "insufficient_storage", where there was one; of one that hung, what was last seen. */
  error: string | null;
}

const jobsPath = "/v1/audio/jobs";
/** Jobs make way for listeners, of whom there are always some. */
const limitMs = 180_000;
const askEveryMs = 150;
const codeSchema = z.object({ code: z.string().nullable() });

/** Has scripts of those lengths, in sentences, spoken by a quiet origin. */
export async function prepareScripts(originUrl: string, lengths: number[]): Promise<Script[]> {
  const scripts: Script[] = [];
  for (const [i, sentences] of lengths.entries()) {
    const response_format = ["mp3", "wav"][i % 2] ?? "mp3";
    const input = `Script ${i} goes on and on. `.repeat(sentences);
    const fields = { model: "tts-1", input, response_format };
    const { outcome, file } = await order(() => originUrl, fields);
    if (!file) throw new Error(`a job of a quiet origin was ${outcome}`);
    scripts.push({ fields, file });
  }
  return scripts;
}

/** Hands a script in at an address, which may become another one meanwhile, waits for its end as a client would, and judges what became of it and its file. */
export async function hearJob(
  url: () => string,
  { fields, file: expected }: Script,
): Promise<JobOutcome> {
  const { outcome, error, file } = await order(url, fields);
  if (!file || file.equals(expected)) return { outcome, error };
  const isCut = file.equals(expected.subarray(0, file.length));
  return { outcome: isCut ? "truncated" : "wrong", error };
}

async function order(
  url: () => string,
  fields: Script["fields"],
): Promise<JobOutcome & { file?: Buffer }> {
  const until = performance.now() + limitMs;
  const created = await ask(url, "POST", "", JSON.stringify(fields));
  if (!created) return { outcome: "reset", error: null };
  if (created.status >= 300) return refused(created);
  const { id } = jobSchema.pick({ id: true }).parse(created.json());
  let last = "never seen";
  try {
    for (; performance.now() < until; await delay(askEveryMs)) {
      const job = await look(url, id);
      last = job ? JSON.stringify(job) : `not to be seen, after ${last}`.slice(0, 1000);
      if (!job || !isOver(job.status)) continue;
      if (job.status !== "succeeded") return failed(job);
      const file = await ask(url, "GET", `/${id}/file`);
      if (file?.status === 200) return { outcome: "complete", error: null, file: file.body };
    }
    return { outcome: "hung", error: last };
  } finally {
    await ask(url, "DELETE", `/${id}`);
  }
}

/** What did not come to its end has no file that counts as whole. */
function failed({ files, error }: JobAnswer): JobOutcome {
  const hasWhole = files.some(({ complete }) => complete);
  const outcome = hasWhole ? "truncated" : error ? "error" : "wrong";
  return { outcome, error: error?.code ?? null };
}

function refused({ json }: Answer): JobOutcome {
  const envelope = errorEnvelopeSchema.safeParse(json());
  if (!envelope.success) return { outcome: "wrong", error: null };
  return { outcome: "error", error: codeSchema.parse(envelope.data.error).code };
}

/** Undefined where it cannot be told at present. */
async function look(url: () => string, id: string): Promise<JobAnswer | undefined> {
  const answer = await ask(url, "GET", `/${id}`);
  return answer?.status === 200 ? jobSchema.safeParse(answer.json()).data : undefined;
}

interface Answer {
  status: number;
  body: Buffer;
  /** Undefined where it is not JSON. */
  json(): unknown;
}

/** Undefined for an answer that broke off, or never began. */
async function ask(
  url: () => string,
  method: string,
  path: string,
  body?: string,
): Promise<Answer | undefined> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${fleetToken}` };
  const options = { method, headers, ...(body === undefined ? {} : { body }) };
  const sent = send(url() + jobsPath + path, options);
  const late = setTimeout(() => sent.reset(), limitMs);
  try {
    const { status = 0, body, ended } = await receive(await sent.head);
    if (ended === "reset") return undefined;
    return { status, body, json: () => parse(body.toString()) };
  } catch {
    return undefined;
  } finally {
    clearTimeout(late);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
