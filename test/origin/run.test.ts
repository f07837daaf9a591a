import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type RunOptions, runProgram } from "../support/run-program.ts";

/** May not write where packages are. */
const nobody = 65_534;

const kept = "node_modules/.cache/qwen3-tts-edge";

let folder = "";
let program = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "run-test-"));
  chmodSync(folder, 0o777);
  program = join(folder, "program.ts");
  write(
    "program.ts",
    `import { said } from "./said.ts";\nconsole.log(said, ...process.argv.slice(1));\n`,
  );
  write("said.ts", `export const said: string = "first";\n`);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  for (const name of readdirSync(kept)) if (/^program-/.test(name)) rmSync(join(kept, name));
});

function write(name: string, source: string): void {
  writeFileSync(join(folder, name), source);
}

async function run(options: RunOptions = {}) {
  const { code, stdout, stderr } = await runProgram(program, options).finished;
  return { code, said: String(stdout), stderr };
}

it("runs a program with its arguments, as if it had been started itself", async () => {
  const { code, said, stderr } = await run({ arguments: ["--port", "1"] });
  expect({ code, said, stderr }).toEqual({
    code: 0,
    said: `first ${program} --port 1\n`,
    stderr: "",
  });
});

it("runs what the modules are by now, and as they were once they are again", async () => {
  const said = async () => (await run()).said.split(" ")[0];
  expect(await said()).toBe("first");
  write("said.ts", `export { other as said } from "./other.ts";\n`);
  write("other.ts", `export const other = "other";\n`);
  expect(await said()).toBe("other");
  write("other.ts", `export const other = "third";\n`);
  expect(await said()).toBe("third");
  write("said.ts", `export const said: string = "first";\n`);
  expect(await said()).toBe("first");
});

it("says where in the sources something was thrown, and where they cannot be translated", async () => {
  write(
    "said.ts",
    `export const said = "";\n\ntype Nothing = null;\nthrow new Error("thrown here");\n`,
  );
  const thrown = await run();
  expect(thrown.code).toBe(1);
  expect(thrown.stderr).toMatch(/said\.ts:4\b/);
  write("said.ts", "export const said = ;\n");
  const broken = await run();
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain(`said.ts:1:20: ERROR: Unexpected ";"`);
});

it("without a program says how it is used", async () => {
  const { code, stderr } = await runProgram("").finished;
  expect([code, stderr]).toEqual([2, expect.stringContaining("Usage: node origin/run.mjs")]);
});

it.skipIf(process.getuid?.() !== 0)(
  "keeps what it made in a folder of the user's own where it cannot be kept with the packages (skipped unless run by root)",
  async () => {
    const temporary = join(folder, "tmp");
    mkdirSync(temporary);
    chmodSync(temporary, 0o777);
    const as = { user: nobody, environment: { TMPDIR: temporary } };
    expect(await run(as)).toMatchObject({ code: 0, said: `first ${program}\n` });
    const own = join(temporary, `qwen3-tts-edge-${nobody}`);
    expect(statSync(own).mode & 0o777).toBe(0o700);
    const made = () => {
      const [checkout = ""] = readdirSync(own);
      const names = readdirSync(join(own, checkout)).filter((name) => name.endsWith(".mjs"));
      return names.map((name) => statSync(join(own, checkout, name)).mtimeMs);
    };
    const [first] = made();
    expect(await run(as)).toMatchObject({ code: 0, said: `first ${program}\n` });
    expect(made()).toEqual([first]);

    chmodSync(own, 0o777);
    const refused = await run(as);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`${own} is not this user's alone, so nothing is run from it.`);
  },
);
