// Loaded into a program before its own code: at SIGUSR2 it collects its garbage and says how much memory is left.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

let count = 0;

process.on("SIGUSR2", () => {
  // What the first one finalizes is gone with the second.
  collect();
  setImmediate(() => {
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    process.stderr.write(`collection ${++count}: ${heapUsed + external} live, ${rss} resident\n`);
  });
});
