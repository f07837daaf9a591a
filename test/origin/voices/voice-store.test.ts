import { mkdtempSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { digestOfVoiceFile, writeVoiceFile } from "../../../origin/voices/voice-file.ts";
import { openVoiceStore } from "../../../origin/voices/voice-store.ts";
import { keepVoice } from "../../support/kept-voices.ts";
import { mountSmallDisk } from "../../support/small-disk.ts";

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

/** Everything below a folder that is no folder. */
function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(directory, name)).isFile());
}

/** Writes a file of all that there is room for but so many pages of 4096 bytes. */
function fill(path: string, pagesLeft: number): void {
  const { bavail, bsize } = statfsSync(dirname(path));
  writeFileSync(path, Buffer.alloc(Number(bavail) * Number(bsize) - 4096 * pagesLeft));
}

it("on a disk that is full keeps no half of a voice, says so, and speaks with what edges have sent", async (context) => {
  const disk = mountSmallDisk(64);
  if (!disk) return context.skip("this user may not mount a small disk");
  try {
    const store = openVoiceStore(disk.directory, log);
    const anna = await keepVoice(store, "Anna");
    const filler = join(disk.directory, "filler");
    const before = filesBelow(disk.directory);
    // Room for neither the file nor the record, and for the file alone.
    for (const pages of [0, 1]) {
      fill(filler, pages);
      await expect(keepVoice(store, "Berta")).rejects.toMatchObject({
        status: 507,
        code: "insufficient_storage",
        message: "The disk of this server is full.",
      });
      expect(await store.book.listVoices()).toEqual([anna]);
      expect(filesBelow(disk.directory).toSorted()).toEqual(["filler", ...before].toSorted());
      rmSync(filler);
    }

    fill(filler, 0);
    await expect(store.book.renameVoice(anna.id, "Clara")).rejects.toMatchObject({ status: 507 });
    expect(await store.book.listVoices()).toEqual([anna]);
    const file = writeVoiceFile({
      encodings: new Map([
        ["qwen3-tts-12hz-0.6b-base", { xVector: Float32Array.of(1), encoder: "none" }],
      ]),
      reference: null,
    });
    const digest = digestOfVoiceFile(file);
    await store.files.put(digest, file);
    expect((await store.files.read(digest)).encodings.size).toBe(1);
    await store.files.require([digest]);
    expect(told).toHaveLength(1);

    rmSync(filler);
    await keepVoice(store, "Berta");
    expect(await store.book.listVoices()).toHaveLength(2);
  } finally {
    disk.remove();
  }
});
