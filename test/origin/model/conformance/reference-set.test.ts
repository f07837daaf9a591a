import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readReferenceSet } from "../../../../origin/model/conformance/reference-set.ts";
import { pico } from "../../../support/golden-cases.ts";
import { temporaryFolder } from "../built-model.ts";

const name = "00-pico-0.6b-custom-voice";

/** A set of one case, whose checkpoint is an empty folder. */
function smallSet(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "checkpoints", "pico-0.6b-custom-voice"), { recursive: true });
  for (const part of [`cases/${name}`, "codec", "tokenizer.json"]) {
    cpSync(join(pico.directory, part), join(folder, part), { recursive: true });
  }
  return folder;
}

test("reads cases with their tensors", () => {
  const { cases, checkpoints, codec, tokenizer } = readReferenceSet(smallSet());

  expect([...checkpoints.keys()]).toEqual(["pico-0.6b-custom-voice"]);
  expect(cases).toHaveLength(1);
  expect(cases[0]).toMatchObject({ name, speaker: "ryan", stop: "eos" });
  expect(cases[0]?.prompt).toHaveLength(13 * 24);
  expect(cases[0]?.wave).toHaveLength(21_120);
  expect(codec.codes).toHaveLength(57);
  expect(codec.wave).toHaveLength(57 * 1920);
  expect(tokenizer).toHaveLength(32);
});

test.each<[string, (folder: string) => void, RegExp]>([
  [
    "without cases",
    (folder) => rmSync(join(folder, "cases"), { recursive: true }),
    /cases is missing$/,
  ],
  [
    "without a codec's answer",
    (folder) => rmSync(join(folder, "codec/wav.f32")),
    /wav\.f32 is missing$/,
  ],
  [
    "without checkpoints in their folder",
    (folder) => rmSync(join(folder, "checkpoints/pico-0.6b-custom-voice"), { recursive: true }),
    /checkpoints has no folders in it$/,
  ],
  [
    "whose case is not JSON",
    (folder) => writeFileSync(join(folder, `cases/${name}/case.json`), "{"),
    /case\.json cannot be read: SyntaxError: .*$/,
  ],
  [
    "whose case lacks its codes",
    (folder) => edit(folder, { codes: undefined }),
    /case\.json has no valid codes: .*expected array.*$/,
  ],
  [
    "whose case has another code than numbers",
    (folder) => edit(folder, { codes: [[1, "2"]] }),
    /case\.json has no valid codes\.0\.1: .*$/,
  ],
  [
    "whose case is of another checkpoint",
    (folder) => edit(folder, { checkpoint: "other" }),
    /00-pico-0\.6b-custom-voice is of a checkpoint other that is not there$/,
  ],
  [
    "whose prompt has another size than its case says",
    (folder) => edit(folder, { prompt_length: 12 }),
    /prompt\.f32 has 1248 bytes instead of 1152$/,
  ],
  [
    "with a cut number",
    (folder) => writeFileSync(join(folder, `cases/${name}/prefill_logits.f32`), "12345"),
    /prefill_logits\.f32 has 5 bytes instead of 4$/,
  ],
])("refuses a set %s, in one line that says so", (_, damage, message) => {
  const folder = smallSet();
  damage(folder);

  expect(() => readReferenceSet(folder)).toThrow(
    new RegExp(`^Not in the layout of a reference set: ${folder}.*${message.source}`),
  );
});

function edit(folder: string, change: Record<string, unknown>): void {
  const path = join(folder, `cases/${name}/case.json`);
  const fields = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...fields, ...change }));
}
