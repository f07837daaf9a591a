import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Device } from "../../../../origin/model/device/device.ts";
import { buildPack } from "../../../../origin/model/pack/build-pack.ts";
import { installedPacks, servedPacks } from "../../../../origin/model/pack/installed-packs.ts";
import { PackError, packDigest, readManifest } from "../../../../origin/model/pack/manifest.ts";
import { openPack } from "../../../../origin/model/pack/open-pack.ts";
import { openSafetensors } from "../../../../origin/model/safetensors.ts";
import { digest } from "../../../support/digest.ts";
import { clonedVoice, pico } from "../../../support/golden-cases.ts";
import { picoCheckpoint, type TemporaryModels, temporaryModels } from "../../../support/packs.ts";
import { relativeError } from "../../../support/relative-error.ts";

let models: TemporaryModels;
let folder: string;

beforeAll(async () => {
  models = temporaryModels();
  folder = await models.build("0.6b-custom-voice");
});

afterAll(() => models.remove());

function copy(name: string): string {
  const target = join(models.directory, name);
  cpSync(folder, target, { recursive: true });
  return target;
}

describe("a pack", () => {
  it("is not opened when its tokenizer and its config.json disagree on the templates", async () => {
    const other = temporaryModels();
    onTestFinished(() => other.remove());
    const checkpoint = join(other.directory, "checkpoint");
    cpSync(picoCheckpoint("0.6b-custom-voice"), checkpoint, { recursive: true });
    const path = join(checkpoint, "config.json");
    const config = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...config, assistant_token_id: 7 }));
    const options = { precision: "float32", modelsDirectory: other.directory } as const;
    const built = await buildPack({ folder: checkpoint, selfTest: false, ...options });
    await expect(openPack(built, { threads: 1 })).rejects.toThrow("and config.json 281, 7, any");
  });

  it("says where it comes from and what it is", () => {
    expect(readManifest(folder)).toMatchObject({
      format: 2,
      tool: expect.stringMatching(/^qwen3-tts-edge \d/),
      model: "qwen3-tts-12hz-0.6b-custom-voice",
      precision: "float32",
      source: {
        folder: picoCheckpoint("0.6b-custom-voice"),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      shapes: { codebooks: 16, sample_rate: 24_000, samples_per_frame: 1920 },
    });
  });

  it("is the same when it is built again, and another in another precision", async () => {
    const again = temporaryModels();
    const digests = [
      packDigest(readManifest(await again.build("0.6b-custom-voice"))),
      packDigest(readManifest(await again.build("0.6b-custom-voice", "int8"))),
    ];
    again.remove();
    expect(digests[0]).toBe(packDigest(readManifest(folder)));
    expect(digests[1]).not.toBe(digests[0]);
  });

  it("needs its checkpoint no more: its embeddings are those of the checkpoint, as stored", () => {
    const original = openSafetensors(
      join(picoCheckpoint("0.6b-custom-voice"), "model.safetensors"),
    );
    const copied = openSafetensors(join(folder, "embeddings.safetensors"));
    expect([...copied.tensors.keys()]).toEqual([
      "talker.model.text_embedding.weight",
      "talker.model.codec_embedding.weight",
    ]);
    for (const [name, { dtype }] of copied.tensors) {
      expect(dtype).toBe("BF16");
      expect(digest(copied.read(name))).toBe(digest(original.read(name)));
    }
    original.close();
    copied.close();
  });

  it("leaves nothing behind but itself", () => {
    expect(readdirSync(models.directory)).toEqual(["qwen3-tts-12hz-0.6b-custom-voice.float32"]);
  });

  it("takes with it what an interrupted build of it has left", async () => {
    const other = temporaryModels();
    onTestFinished(() => other.remove());
    const left = join(other.directory, ".qwen3-tts-12hz-0.6b-custom-voice.float32.building");
    mkdirSync(left);
    writeFileSync(join(left, "generate.data"), "half of it");
    const built = await other.build("0.6b-custom-voice");
    expect(readdirSync(other.directory)).toEqual([basename(built)]);
    expect(packDigest(readManifest(built))).toBe(packDigest(readManifest(folder)));
  });

  it("of a broken checkpoint is not made, and the one before it stays", async () => {
    const broken = temporaryModels();
    const checkpoint = join(broken.directory, "checkpoint");
    cpSync(picoCheckpoint("0.6b-custom-voice"), checkpoint, { recursive: true });
    rmSync(join(checkpoint, "merges.txt"));
    const building = buildPack({
      selfTest: false,
      folder: checkpoint,
      precision: "float32",
      modelsDirectory: join(broken.directory, "models"),
    });
    await expect(building).rejects.toThrow("merges.txt");
    expect(readdirSync(join(broken.directory, "models"))).toEqual([]);
    broken.remove();
  });

  it("answers for the model the checkpoint names, unless told otherwise", async () => {
    const other = temporaryModels();
    const built = await buildPack({
      folder: picoCheckpoint("1.7b-voice-design"),
      precision: "float32",
      modelsDirectory: other.directory,
      selfTest: false,
    });
    expect(readManifest(built).model).toBe("qwen3-tts-12hz-1.7b-voice-design");
    const renamed = await buildPack({
      folder: picoCheckpoint("0.6b-custom-voice"),
      precision: "float32",
      modelsDirectory: other.directory,
      selfTest: false,
      model: "qwen3-tts-12hz-1.7b-custom-voice",
    });
    expect(readManifest(renamed).model).toBe("qwen3-tts-12hz-1.7b-custom-voice");
    other.remove();
  });
});

describe("a pack is refused, with the command that builds it anew,", () => {
  const command = `npm run model -- build ${picoCheckpoint("0.6b-custom-voice")} --precision float32`;

  it.each([
    ["generate.data", (path: string) => appendFileSync(path, "x"), / bytes instead of \d+/],
    ["codec.onnx", (path: string) => rmSync(path), /is missing/],
    [
      "vocab.json",
      (path: string) => {
        const bytes = readFileSync(path);
        bytes[100] = (bytes[100] ?? 0) ^ 1;
        writeFileSync(path, bytes);
      },
      /does not have the content it was built with/,
    ],
  ])("when its %s is damaged", async (file, damage, message) => {
    const damaged = copy(`damaged-${file}`);
    damage(join(damaged, file));
    const opening = openPack(damaged, { threads: 1 });
    await expect(opening).rejects.toThrow(PackError);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toThrow(command);
    rmSync(damaged, { recursive: true });
  });

  it("when another version of the program built it", () => {
    const outdated = copy("outdated");
    const path = join(outdated, "pack.json");
    writeFileSync(path, JSON.stringify({ ...readManifest(outdated), format: 0 }));
    expect(() => readManifest(outdated)).toThrow(
      `has format 0, and this version uses 2. Build it anew: ${command}`,
    );
    rmSync(outdated, { recursive: true });
  });

  it("when its manifest is damaged", () => {
    const unreadable = copy("unreadable");
    writeFileSync(join(unreadable, "pack.json"), "{");
    expect(() => readManifest(unreadable)).toThrow(
      "npm run model -- build DIR --precision PRECISION",
    );
    const { files: _, ...rest } = readManifest(folder);
    writeFileSync(join(unreadable, "pack.json"), JSON.stringify(rest));
    expect(() => readManifest(unreadable)).toThrow("is damaged");
    rmSync(unreadable, { recursive: true });
  });
});

it("serves a pack that suits the device before others, of those the one built last, and nothing unusable", async () => {
  const several = temporaryModels();
  const older = await several.build("0.6b-custom-voice", "int8");
  const newer = await several.build("0.6b-custom-voice", "float32");
  const half = await several.build("0.6b-custom-voice", "float16");
  const builtAt = (folder: string, built_at: number) => {
    const manifest = { ...readManifest(folder), built_at };
    writeFileSync(join(folder, "pack.json"), JSON.stringify(manifest));
  };
  for (const [index, folder] of [older, newer, half].entries()) builtAt(folder, 1000 + index);
  cpSync(newer, join(several.directory, "broken"), { recursive: true });
  rmSync(join(several.directory, "broken", "pack.json"));

  const packs = installedPacks(several.directory);
  expect(packs).toHaveLength(4);
  const order = (device: Device) => servedPacks(packs, device).map(({ folder }) => folder);
  expect(order("cpu")).toEqual([newer, older, half]);
  expect(order("cuda")).toEqual([half, newer, older]);
  expect(packs.filter((pack) => pack.manifest instanceof PackError)).toHaveLength(1);
  expect(installedPacks(join(several.directory, "nowhere"))).toEqual([]);
  const file = join(newer, "pack.json");
  expect(() => installedPacks(file)).toThrow(
    `${file}, where packs are kept (MODELS_DIR), is not a folder`,
  );
  several.remove();
});

describe("a pack of a model that clones", () => {
  const encoders = [
    "codec-encoder.data",
    "codec-encoder.onnx",
    "speaker-encoder.data",
    "speaker-encoder.onnx",
  ];
  let base: string;
  beforeAll(async () => {
    base = await models.build("0.6b-base");
  });

  it("has encoders, and the tables of the codes that prompts of cloned voices hold", () => {
    expect(Object.keys(readManifest(base).files)).toEqual(expect.arrayContaining(encoders));
    const tables = openSafetensors(join(base, "embeddings.safetensors"));
    expect([...tables.tensors.keys()]).toHaveLength(2 + 15);
    tables.close();

    const others = Object.keys(readManifest(folder).files);
    expect(others.filter((name) => encoders.includes(name))).toEqual([]);
  });

  it("hears the same in a recording in every precision, one after the other", async () => {
    const { recording: samples, xVector, codes, frames } = clonedVoice(pico);
    const exact = await openPack(base, { threads: 1 });
    const quantized = await openPack(await models.build("0.6b-base", "int4-all"), { threads: 1 });
    const signal = new AbortController().signal;

    const [voice, again] = await Promise.all([
      exact.encoders?.encode({ samples, withCodes: true }, signal),
      exact.encoders?.encode({ samples, withCodes: false }, signal),
    ]);

    expect(voice).toMatchObject({
      codes,
      frames,
      encoder: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(relativeError(voice?.xVector ?? new Float32Array(), xVector)).toBeLessThan(3e-6);
    expect(again).toEqual({ ...voice, codes: null, frames: 0 });
    expect(await quantized.encoders?.encode({ samples, withCodes: true }, signal)).toEqual(voice);
    await Promise.all([exact.close(), quantized.close()]);
  });

  it.each([
    [new Float32Array(1279), "recording must last 0.053 seconds at least; it lasts 0.053"],
    [new Float32Array(60 * 24_000 + 1), "recording must last 60 seconds at most; it lasts 60.000"],
    [
      new Float32Array(24_000).fill(Number.NaN, 7, 9),
      "recording must have numbers for samples; sample 7 is NaN",
    ],
  ])("refuses a recording that is no voice (%#)", async (samples, message) => {
    const { encoders: own, close } = await openPack(base, { threads: 1 });

    const encoding = own?.encode({ samples, withCodes: false }, new AbortController().signal);

    await expect(encoding).rejects.toMatchObject({ status: 400, param: "recording", message });
    await close();
  });

  it("built before packs had encoders is refused, with the command that builds it anew", () => {
    const old = join(models.directory, "old-base");
    cpSync(base, old, { recursive: true });
    const path = join(old, "pack.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    for (const name of encoders) delete manifest.files[name];
    writeFileSync(path, JSON.stringify(manifest));

    expect(() => readManifest(old)).toThrow(PackError);
    expect(() => readManifest(old)).toThrow(
      `${path} is of a model that clones voices, and was built before packs had encoders. Build it anew: npm run model -- build ${picoCheckpoint("0.6b-base")} --precision float32`,
    );
    rmSync(old, { recursive: true });
    rmSync(base, { recursive: true });
  });
});
