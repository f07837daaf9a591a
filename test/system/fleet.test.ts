import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Origin } from "../../origin/http/server.ts";
import { buildPack } from "../../origin/model/pack/build-pack.ts";
import { fleetOf } from "../../shared/fleet.ts";
import { fileId } from "../../shared/identity.ts";
import {
  type ModelRevision,
  revisionKey,
  revisionRecordSchema,
} from "../../shared/model-revision.ts";
import { speechRequestSchema } from "../../shared/speech-request.ts";
import { type Edge, type Namespace, startEdge } from "../support/edge.ts";
import { speech, validSpeech } from "../support/edge-speech.ts";
import { picoCheckpoint, type TemporaryModels, temporaryModels } from "../support/packs.ts";
import { runProgram } from "../support/run-program.ts";
import { startTestOrigin } from "../support/system.ts";

const model = "qwen3-tts-12hz-0.6b-custom-voice";
const key = revisionKey(model);
const soon = { timeout: 120_000 };

let models: { int8: TemporaryModels; float32: TemporaryModels };
let origins: { int8: Origin; float32: Origin };
let edge: Edge;
let kv: Namespace;

beforeAll(async () => {
  models = { int8: temporaryModels(), float32: temporaryModels() };
  await models.int8.build("0.6b-custom-voice", "int8");
  await models.float32.build("0.6b-custom-voice", "float32");
  const start = ({ directory }: TemporaryModels) =>
    startTestOrigin({ MODELS_DIR: directory, ENGINE: "qwen3", ENGINE_THREADS: "1" });
  origins = { int8: await start(models.int8), float32: await start(models.float32) };
  const ORIGIN_URLS = [origins.int8.url, origins.float32.url].join();
  edge = await startEdge({ ORIGIN_URLS, AUDIO: "audio", FLIGHTS: true });
  kv = await edge.audio();
});

afterAll(async () => {
  await edge.close();
  await Promise.all([origins.int8.close(), origins.float32.close()]);
  models.int8.remove();
  models.float32.remove();
});

function spokenBy(origin: Origin): ModelRevision {
  const { revision } = origin.engines.answering(model);
  if (!revision) throw new Error("the origin does not speak the model");
  const { releasedAt: released_at, ...rest } = revision;
  return { released_at, ...rest };
}

/** What the edge knows to speak, the newest first. */
async function fleet(): Promise<string[]> {
  const record = revisionRecordSchema.safeParse(await kv.get(key, "json"));
  return record.success ? fleetOf(record.data).map(({ revision }) => revision) : [];
}

const request = (number: number) => ({ input: `hello world ${number}` });

async function ask(number: number) {
  const { status, headers } = await speech(edge.url, request(number));
  expect(status).toBe(200);
  return headers["x-cache"];
}

async function isKept(number: number, { revision }: ModelRevision): Promise<boolean> {
  const parsed = speechRequestSchema.parse({ ...validSpeech, ...request(number) });
  return (await kv.get(`audio:2:${await fileId(parsed, revision)}`)) !== null;
}

/** Those of the texts that are kept of a build, once there is one: it has been heard of by what is kept. */
async function keptBy(build: ModelRevision, numbers: number[]): Promise<number[]> {
  const kept: number[] = [];
  await expect
    .poll(async () => {
      const isKeptOf = await Promise.all(numbers.map((number) => isKept(number, build)));
      kept.splice(0, kept.length, ...numbers.filter((_, index) => isKeptOf[index]));
      return kept.length;
    }, soon)
    .toBeGreaterThan(0);
  return kept;
}

/** Asks for new texts until the edge has heard of a revision; each goes to one of the origins, by chance. */
async function askUntilHeard({ revision }: ModelRevision, first: number): Promise<number> {
  for (let number = first; number < first + 50; number++) {
    if ((await fleet()).includes(revision)) return number;
    await ask(number);
  }
  throw new Error(`${revision} was not heard of`);
}

it("keeps what two builds speak beside each other, and lets a newer one take the place of its own variant at once", async () => {
  const [int8, float32] = [spokenBy(origins.int8), spokenBy(origins.float32)];
  expect([int8.variant, float32.variant]).toEqual(["int8 cpu", "float32 cpu"]);
  const [afterInt8, afterFloat32] = [
    await askUntilHeard(int8, 0),
    await askUntilHeard(float32, 100),
  ];
  const from = (first: number, end: number) =>
    Array.from({ length: end - first }, (_, index) => first + index);
  const asked = [...from(0, afterInt8), ...from(100, afterFloat32)];
  expect((await fleet()).toSorted()).toEqual([int8.revision, float32.revision].toSorted());
  // Not all: a take of random weights that runs into its ceiling is kept nowhere.
  const keptOf = { int8: await keptBy(int8, asked), float32: await keptBy(float32, asked) };
  expect(keptOf.int8.filter((number) => keptOf.float32.includes(number))).toEqual([]);
  for (const number of [...keptOf.int8, ...keptOf.float32]) {
    await expect.poll(() => ask(number), soon).toBe("HIT");
  }

  const folder = picoCheckpoint("1.7b-custom-voice");
  const modelsDirectory = models.float32.directory;
  await buildPack({ folder, modelsDirectory, precision: "float32", model, selfTest: false });
  await expect.poll(() => spokenBy(origins.float32).revision, soon).not.toBe(float32.revision);
  const newer = spokenBy(origins.float32);
  await askUntilHeard(newer, 200);
  expect((await fleet()).toSorted()).toEqual([int8.revision, newer.revision].toSorted());
  for (const number of keptOf.int8) expect(await ask(number)).toBe("HIT");
  for (const number of keptOf.float32) expect(await ask(number)).not.toBe("HIT");
});

it("is published whole by `revision publish`, and shown", async () => {
  const folder = join(models.int8.directory, ".state");
  const revisionCommand = async (...args: string[]) => {
    const arguments_ = [...args, "--persist-to", folder];
    const { finished } = runProgram("origin/cli/revision.ts", { arguments: arguments_ });
    const { code, stdout, stderr } = await finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout.toString();
  };
  const builds = [spokenBy(origins.int8), spokenBy(origins.float32)].sort(
    (a, b) => b.released_at - a.released_at,
  );
  const lines = builds.map(
    ({ revision, released_at, variant }) =>
      `${model}  ${revision}  released ${new Date(released_at * 1000).toISOString()}  ${variant}`,
  );

  const named = [origins.int8, origins.float32].flatMap(({ url }) => ["--origin", url]);
  const published = await revisionCommand("publish", "--model", model, ...named);
  expect(published).toBe(lines.map((line) => `${line}  qwen3\n`).join(""));
  expect(await revisionCommand("show")).toBe(lines.map((line) => `${line}\n`).join(""));

  const other = await startEdge({ AUDIO: "AUDIO" }, { persistTo: join(folder, "v3") });
  const [first, second] = builds;
  expect(await (await other.audio()).get(key, "json")).toEqual({
    ...first,
    seen_at: expect.any(Number),
    others: [{ ...second, seen_at: expect.any(Number) }],
  });
  await other.close();
  rmSync(folder, { recursive: true });
});
