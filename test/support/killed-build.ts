// Builds a pack, and is killed just before it renames or removes something for the given time.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const [folder = "", modelsDirectory = "", countdown] = process.argv.slice(2);
let left = Number(countdown);

function dying<Args extends unknown[]>(call: (...args: Args) => void) {
  return (...args: Args) => {
    if (left-- === 0) process.kill(process.pid, "SIGKILL");
    call(...args);
  };
}

fs.renameSync = dying(fs.renameSync);
fs.rmSync = dying(fs.rmSync);
syncBuiltinESMExports();

const { buildPack } = await import("../../origin/model/pack/build-pack.ts");
await buildPack({ folder, modelsDirectory, precision: "float32", selfTest: false });
