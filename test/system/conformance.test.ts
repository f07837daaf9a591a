import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { pico } from "../support/golden-cases.ts";
import { runProgram } from "../support/run-program.ts";

const program = "origin/cli/conformance.ts";
/** A set of one checkpoint and one case of it. */
function smallSet(checkpoint: string, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), "reference-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const part of [
    `checkpoints/${checkpoint}`,
    `cases/${name}`,
    "codec",
    "audio",
    "tokenizer.json",
  ]) {
    cpSync(join(pico.directory, part), join(folder, part), { recursive: true });
  }
  return folder;
}

async function run(...args: string[]) {
  const { exited, output } = runProgram(program, { arguments: args });
  const { code } = await exited;
  return { code, lines: output().trimEnd().split("\n") };
}

test("a set without a difference leaves with 0", async () => {
  const { code, lines } = await run(smallSet("pico-0.6b-base", "08-pico-0.6b-base"));

  expect(code).toBe(0);
  expect(lines[0]).toBe("ok      pico-0.6b-base: ids of the tokenizer: 32 of 32 texts (identical)");
  expect(lines.at(-1)).toBe("29 passed, 0 failed");
});

test("one code that is not said is named, and leaves with 1", async () => {
  const name = "00-pico-0.6b-custom-voice";
  const folder = smallSet("pico-0.6b-custom-voice", name);
  const path = join(folder, `cases/${name}/case.json`);
  const fields = JSON.parse(readFileSync(path, "utf8"));
  const said: number = fields.codes[4][5];
  fields.codes[4][5] = said ^ 1;
  writeFileSync(path, JSON.stringify(fields));

  const { code, lines } = await run(folder);

  expect(code).toBe(1);
  expect(lines).toContain(
    `FAILED  ${name}: codes in chunks of 1: 175 of 176 codes, eos, code 5 of frame 4 is ${said} instead of ${said ^ 1} (identical, eos)`,
  );
  expect(lines.at(-1)).toBe("12 passed, 15 failed");
});

test.each([
  [["nowhere"], /^Not in the layout of a reference set: .*nowhere.checkpoints is missing$/],
  [[pico.directory, "--device", "tpu"], /^--device must be one of cpu, cuda, webgpu; it is tpu$/],
  [
    [pico.directory, "--precision", "fp16"],
    /^--precision must be one of float32, float16, int8, int4, int4-all; it is fp16$/,
  ],
])("%j is refused in one line", async (args, message) => {
  const { code, lines } = await run(...args);

  expect(code).toBe(1);
  expect(lines).toEqual([expect.stringMatching(message)]);
});
