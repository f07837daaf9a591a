import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Origin } from "../../origin/http/server.ts";
import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import type { ModelId } from "../../shared/models.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { sendSpeech, speech } from "../support/edge-speech.ts";
import { type TemporaryModels, temporaryModels } from "../support/packs.ts";
import { receive } from "../support/sockets.ts";
import { startTestOrigin } from "../support/system.ts";

const sound: ModelId = "qwen3-tts-12hz-0.6b-custom-voice";
const unreal: ModelId = "qwen3-tts-12hz-1.7b-custom-voice";

/** Of samples as they are, in a header, and as two encoders take them. */
const formats = ["pcm", "wav", "mp3", "opus"];

let models: TemporaryModels;
let soundPack: string;
let origin: Origin;
let edge: Edge;

beforeAll(async () => {
  models = temporaryModels();
  soundPack = await models.build("0.6b-custom-voice");
  await models.buildLost("unreal", unreal);
  origin = await startTestOrigin({
    MODELS_DIR: models.directory,
    ENGINE: "qwen3",
    ENGINE_THREADS: "1",
  });
  edge = await startEdge({ ORIGIN_URLS: origin.url, AUDIO: "audio", FLIGHTS: true });
});

afterAll(async () => {
  await edge.close();
  await origin.close();
  models.remove();
});

/** Asks for more than is held back until it is whole, and says how the answer ends. */
async function ending(model: ModelId, response_format: string): Promise<string> {
  const input = `Hello world and all of you in this world, in ${response_format}.`;
  const { head } = sendSpeech(edge.url, { model, input, response_format });
  const answer = await head.then(receive).catch(() => "reset" as const);
  if (answer === "reset" || answer.ended === "reset") return "reset";
  if (answer.status === 200) return `200 with ${answer.body.length} bytes`;
  return errorEnvelopeSchema.parse(JSON.parse(answer.body.toString())).error.type;
}

describe("a damaged model whose samples are no numbers", () => {
  it("is never heard nor kept", async () => {
    for (const format of formats) {
      expect(await ending(unreal, format)).toMatch(
        /^(reset|server_error|service_unavailable_error)$/,
      );
    }
    expect((await (await edge.audio()).list()).keys).toEqual([]);
  });

  it("has its process replaced, later each time, as /ready says", async () => {
    const ready = await fetch(`${origin.url}/ready`);
    expect(ready.status).toBe(200);
    const { status, crashing } = (await ready.json()) as { status: string; crashing: object[] };
    expect(status).toBe("ready");
    expect(crashing).toContainEqual(
      expect.objectContaining({ name: "qwen3", model: unreal, crashes: expect.any(Number) }),
    );
    expect(crashing).not.toContainEqual(expect.objectContaining({ model: sound }));
  });

  it("leaves others alone", async () => {
    expect(await ending(sound, "mp3")).toMatch(/^200 with/);
  });
});

describe("a pack that vanishes while it is served", () => {
  const asked = { model: sound, response_format: "pcm" };
  const long = "Hello world and all of you who are in this world, and hello again. ".repeat(4);
  const code = async (input: string) => {
    const { status, body, ended } = await speech(edge.url, { ...asked, input });
    if (status === 200) return ended;
    return errorEnvelopeSchema.parse(JSON.parse(body.toString())).error.code;
  };

  it("is spoken with to the end of what was begun", async () => {
    const answer = await sendSpeech(edge.url, { ...asked, input: long }).head;
    rmSync(soundPack, { recursive: true });
    const { status, ended, body } = await receive(answer);
    expect({ status, ended }).toEqual({ status: 200, ended: "complete" });
    const { body: kept, headers } = await speech(edge.url, { ...asked, input: long });
    expect(headers["x-cache"]).toBe("HIT");
    expect(kept.equals(body)).toBe(true);
  });

  it("is soon missed, which is said, and spoken with again once it is back", async () => {
    let i = 0;
    await expect
      .poll(() => code(`Hello number ${i++}.`), { timeout: 120_000 })
      .toBe("model_not_loaded");
    await models.build("0.6b-custom-voice");
    expect(await code(`Hello again, number ${i}.`)).toBe("complete");
  });
});
