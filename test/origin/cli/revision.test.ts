import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Origin } from "../../../origin/http/server.ts";
import { revisionKey } from "../../../shared/model-revision.ts";
import { startEdge } from "../../support/edge.ts";
import { runProgram } from "../../support/run-program.ts";
import { startTestOrigin } from "../../support/system.ts";

const model = "qwen3-tts-12hz-0.6b-custom-voice";

let origin: Origin;
let folder: string;

beforeAll(async () => {
  origin = await startTestOrigin({ ENGINE: "builtin" });
  folder = await mkdtemp(join(tmpdir(), "revisions-"));
});

afterAll(async () => {
  await origin.close();
  await rm(folder, { recursive: true });
});

async function revisionCommand(...args: string[]) {
  const program = runProgram("origin/cli/revision.ts", { arguments: args });
  const { code, stdout, stderr } = await program.finished;
  return { code, stdout: stdout.toString(), stderr };
}

test("what an origin speaks is published to the edge, and shown", async () => {
  const local = ["--persist-to", folder];
  const { builtin } = origin.engines;
  const { revision, releasedAt: released_at } = builtin?.revision(model) ?? {};
  const line = `${model}  ${revision}  released ${new Date((released_at ?? 0) * 1000).toISOString()}`;

  const published = await revisionCommand(
    ...["publish", "--model", " TTS-1", "--origin", origin.url, ...local],
  );
  expect(published).toEqual({ code: 0, stdout: `${line}  builtin\n`, stderr: "" });
  expect(await revisionCommand("show", ...local)).toMatchObject({ code: 0, stdout: `${line}\n` });

  // The layout of wrangler's local state.
  const edge = await startEdge({ AUDIO: "AUDIO" }, { persistTo: join(folder, "v3") });
  const kv = await edge.audio();
  expect(await kv.get(revisionKey(model), "json")).toEqual({
    ...{ revision, released_at, stand_in: "builtin" },
  });
  await edge.close();
});

test.each<[string[], RegExp]>([
  [["withdraw"], /^There is no command withdraw\./],
  [["show", "all"], /^"all" is one argument too many; --help says what there is\n$/],
  [["publish", "--modle", "x"], /^There is no option --modle; --help says which there are\n$/],
  [["publish", "--model", "tts-9"], /^--model must be one of tts-1, .*; got "tts-9"$/m],
  [
    ["publish", "--origin", "http://127.0.0.1:9"],
    /^The origin http:\/\/127\.0\.0\.1:9 does not say/,
  ],
])("%j fails with its reason", async (args, reason) => {
  const { code, stdout, stderr } = await revisionCommand(...args);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(reason);
});
