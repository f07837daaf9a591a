import { readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { installedPacks } from "../../../../origin/model/pack/installed-packs.ts";
import { type Manifest, PackError, readManifest } from "../../../../origin/model/pack/manifest.ts";
import { verifyPack } from "../../../../origin/model/pack/verify-pack.ts";
import { picoCheckpoint, temporaryModels } from "../../../support/packs.ts";
import { runProgram } from "../../../support/run-program.ts";

/** Whole ones. */
async function packsIn(directory: string): Promise<Manifest[]> {
  const whole: Manifest[] = [];
  for (const { folder, manifest } of installedPacks(directory)) {
    if (manifest instanceof PackError) throw manifest;
    await verifyPack(folder, manifest);
    whole.push(manifest);
  }
  return whole;
}

it("leaves a whole pack wherever it is killed while a newer one takes its place, and nothing else once it is built again", async () => {
  const models = temporaryModels();
  onTestFinished(() => models.remove());
  const folder = await models.build("0.6b-custom-voice");
  const manifest = { ...readManifest(folder), tool: "the one before" };
  const checkpoint = picoCheckpoint("0.6b-custom-voice");

  const tools: string[][] = [];
  for (let calls = 0; ; calls++) {
    const program = runProgram("test/support/killed-build.ts", {
      arguments: [checkpoint, models.directory, String(calls)],
    });
    const { code, signal } = await program.exited;
    const whole = await packsIn(models.directory);
    expect(whole.length, `killed before call ${calls}`).toBeGreaterThan(0);
    tools.push(whole.map(({ tool }) => (tool === manifest.tool ? "old" : "new")));
    if (code === 0) break;
    expect(signal).toBe("SIGKILL");

    expect(await models.build("0.6b-custom-voice")).toBe(folder);
    expect(readdirSync(models.directory)).toEqual([basename(folder)]);
    writeFileSync(join(folder, "pack.json"), JSON.stringify(manifest));
  }
  expect(tools).toContainEqual(["old", "new"]);
  expect(tools.at(-1)).toEqual(["new"]);
});
