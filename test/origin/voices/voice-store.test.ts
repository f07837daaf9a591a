import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openVoiceStore } from "../../../origin/voices/voice-store.ts";
import { keepVoice } from "../../support/kept-voices.ts";

let folder: string;
const told: unknown[] = [];
const log = { error: (...about: unknown[]) => told.push(about) };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voices-"));
  told.length = 0;
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Has the folder look as if nothing had changed there for long. */
async function settle(): Promise<void> {
  await utimes(join(folder, "voices"), 1_700_000_000, 1_700_000_000);
}

it("notices what another process has added, renamed and removed, with its file", async () => {
  const [running, other] = [openVoiceStore(folder, log), openVoiceStore(folder, log)];
  expect(await running.book.listVoices()).toEqual([]);
  const anna = await keepVoice(other, "Anna");
  expect(await running.book.findVoice("anna")).toEqual(anna);
  expect((await running.files.read(anna.digest)).encodings.size).toBe(1);

  await settle();
  expect(await running.book.listVoices()).toEqual([anna]);
  await other.book.renameVoice(anna.id, "Berta");
  expect(await running.book.findVoice("anna")).toBeUndefined();
  expect(await running.book.findVoice("berta")).toEqual({ ...anna, name: "Berta" });

  await settle();
  expect(await running.book.listVoices()).toHaveLength(1);
  await other.book.removeVoice(anna.id);
  expect(await running.book.listVoices()).toEqual([]);
  await expect(running.files.read(anna.digest)).rejects.toMatchObject({ status: 424 });
});

it("takes no name twice, also while the first is being written", async () => {
  const { book } = openVoiceStore(folder, log);
  const kept = await Promise.allSettled(["Anna", "ANNA"].map((name) => keepVoice({ book }, name)));
  expect(await book.listVoices()).toHaveLength(1);
  expect(kept.filter(({ status }) => status === "rejected")).toHaveLength(1);
});

it("tells once of a record that cannot be read, leaves it alone and keeps the others", async () => {
  const store = openVoiceStore(folder, log);
  const anna = await keepVoice(store, "Anna");
  const path = join(folder, "voices", `voice_${"0".repeat(32)}.json`);
  writeFileSync(path, "{");
  for (let look = 0; look < 3; look++) expect(await store.book.listVoices()).toEqual([anna]);
  expect(told).toHaveLength(1);
  expect(await openVoiceStore(folder, log).book.listVoices()).toEqual([anna]);
});
