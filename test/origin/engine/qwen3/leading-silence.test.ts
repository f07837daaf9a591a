import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { joinSamples } from "../../../../origin/audio/join.ts";
import type { Utterance } from "../../../../origin/engine/engine.ts";
import {
  countSilentFrames,
  createLeadingSilence,
} from "../../../../origin/engine/qwen3/leading-silence.ts";
import { packRevision } from "../../../../origin/engine/qwen3/pack-revision.ts";
import { createQwen3Synthesizer } from "../../../../origin/engine/qwen3/synthesizer.ts";
import { type LoadedPack, openPack } from "../../../../origin/model/pack/open-pack.ts";
import type { SelfTestRecord } from "../../../../origin/model/pack/self-test-record.ts";
import { type TemporaryModels, temporaryModels } from "../../../support/packs.ts";

const sound = (...levels: number[]) => Float32Array.from(levels);

describe("leading silence", () => {
  it("is cut in whole frames, as many as are known, over any chunks", () => {
    const leading = createLeadingSilence(2, 2);

    expect(leading.push(sound(0, 0))).toHaveLength(0);
    expect(leading.push(sound(0, 0, 0, 0))).toEqual(sound(0, 0));
    expect(leading.push(sound(0, 0))).toEqual(sound(0, 0));
  });

  it("ends with the first sound, though more of it were known", () => {
    const leading = createLeadingSilence(3, 2);

    expect(leading.push(sound(0, 0, 0, 0.1))).toEqual(sound(0, 0.1));
    expect(leading.push(sound(0, 0))).toEqual(sound(0, 0));
  });

  it("is counted in whole frames", () => {
    expect(countSilentFrames(sound(0, 0, 0, 0, 0, 0.1), 2)).toBe(2);
    expect(countSilentFrames(sound(0, 0, 0, 0, 0), 2)).toBe(2);
    expect(countSilentFrames(sound(0.1, 0), 2)).toBe(0);
  });
});

describe("a pack whose test found a speaker silent for two frames", () => {
  let models: TemporaryModels;
  let pack: LoadedPack;

  beforeAll(async () => {
    models = temporaryModels();
    const built = await openPack(await models.build("0.6b-custom-voice"), { threads: 1 });
    const test = { leading_silent_frames: { ryan: 2 }, problem: null } as unknown as SelfTestRecord;
    pack = { ...built, manifest: { ...built.manifest, self_test: test }, openCodec };

    /** Silent for three frames. */
    function openCodec(): ReturnType<LoadedPack["openCodec"]> {
      const codec = built.openCodec();
      let at = 0;
      return {
        ...codec,
        async push(codes) {
          const pcm = await codec.push(codes);
          const silent = Math.max(0, 3 * 1920 - at);
          at += pcm.length;
          return pcm.fill(0, 0, Math.min(silent, pcm.length));
        },
      };
    }
  });

  afterAll(async () => {
    await pack.close();
    models.remove();
  });

  afterEach(() => vi.unstubAllEnvs());

  async function silentFrames(fields: Partial<Utterance> = {}): Promise<number> {
    const utterance: Utterance = {
      model: pack.manifest.model,
      text: "Hello world and all of you.",
      speaker: "Ryan",
      mix: null,
      voice: null,
      language: "english",
      instructions: null,
      sampling: {},
      seed: 3,
      retryable: false,
      ...fields,
    };
    const audio = createQwen3Synthesizer(pack).synthesize(utterance, new AbortController().signal);
    const parts: Float32Array[] = [];
    for await (const pcm of audio) parts.push(pcm);
    return countSilentFrames(joinSamples(parts), 1920);
  }

  it("begins two frames sooner with that speaker, and no other or asked to be different", async () => {
    expect(await silentFrames()).toBe(1);
    expect(await silentFrames({ speaker: "Vivian" })).toBe(3);
    expect(await silentFrames({ sampling: { temperature: 0.5 } })).toBe(3);
    expect(await silentFrames({ instructions: "hello" })).toBe(3);
  });

  it("is left whole where that is set, and has another revision beside the other", async () => {
    const cut = packRevision(pack.manifest, "cpu");
    vi.stubEnv("LEADING_SILENCE", "keep");
    expect(await silentFrames()).toBe(3);
    const kept = packRevision(pack.manifest, "cpu");
    expect(kept.revision).not.toBe(cut.revision);
    expect(kept.variant).not.toBe(cut.variant);
    const { self_test: _, ...untested } = pack.manifest;
    expect(kept.revision).toBe(packRevision(untested, "cpu").revision);
  });
});
