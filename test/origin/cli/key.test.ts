import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { digestOfKey, isApiKey, keyRecordSchema } from "../../../shared/api-key.ts";
import { type EdgeSettings, startEdge } from "../../support/edge.ts";
import { speech } from "../../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../../support/frames-origin.ts";
import { framesOf, noise, speak } from "../../support/frames-origin-behaviours.ts";
import { runProgram } from "../../support/run-program.ts";

let origin: FramesOrigin;
let folder: string;

beforeAll(async () => {
  origin = await startFramesOrigin();
  origin.behave(speak(() => framesOf(noise(100))));
  folder = await mkdtemp(join(tmpdir(), "keys-"));
});

afterAll(async () => {
  await origin.close();
  await rm(folder, { recursive: true });
});

async function keyCommand(...args: string[]) {
  const { code, stdout, stderr } = await runProgram("origin/cli/key.ts", { arguments: args })
    .finished;
  return { code, stdout: stdout.toString(), stderr };
}

/** What the edge says to the key, once it has started on what wrangler has written. */
async function edgeSays(key: string, settings: EdgeSettings = {}): Promise<string | undefined> {
  // The layout of wrangler's local state.
  const state = { persistTo: join(folder, "v3") };
  const edge = await startEdge({ AUTH: "keys", ORIGIN_URLS: origin.url, ...settings }, state);
  const headers = { authorization: `Bearer ${key}` };
  const { status, body } = await speech(edge.url, {}, { headers });
  await edge.close();
  return status === 200 ? "speaks" : JSON.parse(body.toString()).error.code;
}

test("a key is shown once, speaks, is listed, and is revoked", async () => {
  const local = ["--persist-to", folder];

  const options =
    "--name shop --expires 1d --models tts-1 --scopes speech,refresh --characters-per-day 99";
  const made = await keyCommand("create", ...options.split(" "), ...local);
  expect(made.code).toBe(0);
  const key = made.stdout.trim();
  expect(await isApiKey(key)).toBe(true);
  const id = /^The key (\S+)\. It is not shown again\.\n$/.exec(made.stderr)?.[1] ?? "";
  expect(await edgeSays(key)).toBe("speaks");

  const listed = await keyCommand("list", ...local);
  expect(listed.stdout).toMatch(
    new RegExp(
      `^${id}  active   created \\d{4}-\\d\\d-\\d\\d  expires \\d{4}-\\d\\d-\\d\\d  scopes speech,refresh  models tts-1  requests/minute unlimited  characters/day 99  name shop\n$`,
    ),
  );
  expect(listed.stdout + listed.stderr).not.toContain(key.slice(7));

  const revoked = await keyCommand("revoke", id, ...local);
  expect(revoked).toMatchObject({ code: 0, stdout: "" });
  expect(await edgeSays(key)).toBe("revoked_api_key");
});

test("a key for the secret API_KEYS is kept nowhere, and speaks with its record there", async () => {
  const { code, stdout } = await keyCommand(
    "create",
    "--print-secret",
    "--characters-per-day",
    "99",
  );
  expect(code).toBe(0);
  const [key = "", json = "", ...rest] = stdout.split("\n");
  expect(rest).toEqual([""]);
  expect(keyRecordSchema.parse(JSON.parse(json))).toMatchObject({
    sha256: await digestOfKey(key),
    characters_per_day: 99,
  });
  expect(await edgeSays(key)).toBe("invalid_api_key");
  expect(await edgeSays(key, { API_KEYS: `[${json}]` })).toBe("speaks");
});

test.each<[string[], RegExp]>([
  [["make"], /^There is no command make\./],
  [["create", "--expires", "soon"], /^--expires must be/],
])("%j fails with its reason, and without a key", async (args, reason) => {
  const { code, stdout, stderr } = await keyCommand(...args);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(reason);
});
