import { expect, it } from "vitest";
import { findRepository } from "../../../origin/download/find-repository.ts";
import { repositories } from "../../../origin/download/repositories.ts";
import { nativeModels } from "../../../shared/models.ts";

const smallCustomVoice = repositories["qwen3-tts-12hz-0.6b-custom-voice"];

it.each([
  "Qwen/Qwen3-TTS-12Hz-0.6B-CustomVoice",
  "qwen3-tts-12hz-0.6b-customvoice",
  "qwen3-tts-12hz-0.6b-custom-voice",
  "0.6B-Custom-Voice",
  "tts-1",
])("knows %s", (name) => {
  expect(findRepository(name)).toBe(smallCustomVoice);
});

it("knows every published model by its short name and by the publisher's", () => {
  for (const [model, repository] of Object.entries(repositories)) {
    expect(findRepository(model.replace("qwen3-tts-12hz-", ""))).toBe(repository);
    expect(findRepository(repository.id)).toBe(repository);
  }
  expect(Object.keys(repositories)).toEqual(Object.keys(nativeModels));
  expect(findRepository("tts-1-hd").id).toBe("Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice");
});

it("pins nothing at another revision than the one it was written for", () => {
  const { id, revision } = smallCustomVoice;
  expect(findRepository("tts-1", revision)).toBe(smallCustomVoice);
  expect(findRepository("tts-1", "main")).toEqual({ id, revision: "main", pinned: {} });
});

it("takes any other repository as it is", () => {
  const source = { id: "Someone/Fine-Tune.v2", revision: "main", pinned: {} };
  expect(findRepository("Someone/Fine-Tune.v2")).toEqual(source);
  expect(findRepository("Someone/Fine-Tune.v2", "dev")).toEqual({ ...source, revision: "dev" });
});

it.each(["0.7b", "..", "a/b/c", "a/../b", "a/b?c"])(
  "refuses %s with the names it knows",
  (name) => {
    expect(() => findRepository(name)).toThrow(
      `There is no model ${name}. Known are:\n  0.6b-base\n  0.6b-custom-voice\n  1.7b-base\n` +
        "  1.7b-custom-voice\n  1.7b-voice-design\nAny other repository is named in full: owner/name",
    );
  },
);
