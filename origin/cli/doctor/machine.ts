import { existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { formatBytes } from "../../download/format-bytes.ts";
import { memoryBudget } from "../../process/memory-budget.ts";
import { readSettings, readThreads } from "../../settings.ts";
import { type Finding, good, note } from "./finding.ts";

/** A pack of the smallest model, and the checkpoint it is built from. */
const smallestModelBytes = 4.5e9;
/** The process of the smallest model in int8, when it speaks. */
const smallestProcessBytes = 1.4e9;

const measuredSeconds = 2;
/** A product of this size reads 64 MB of weights: as a model's, too large for the processor's caches. */
const rows = 2048;
const columns = 8192;

/** Disk, memory, and what the processor's threads are worth. */
export async function checkMachine(): Promise<Finding[]> {
  return [checkDisk(), checkMemory(), await checkProcessor()];
}

function checkDisk(): Finding {
  const { modelsDirectory } = readSettings(process.env);
  let folder = modelsDirectory;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const says = `${formatBytes(bavail * bsize)} free for models in ${modelsDirectory}`;
  if (bavail * bsize >= smallestModelBytes) return good("disk", says);
  return note(
    "disk",
    says,
    `the smallest model takes ${formatBytes(smallestModelBytes)}: MODELS_DIR on another disk`,
  );
}

function checkMemory(): Finding {
  const { modelBytes, keyValueBytes } = memoryBudget(readSettings(process.env).memory);
  const says = `${formatBytes(modelBytes)} for models, ${formatBytes(keyValueBytes)} for their streams`;
  if (modelBytes >= smallestProcessBytes) return good("memory", says);
  return note("memory", says, `the smallest model takes ${formatBytes(smallestProcessBytes)}`);
}

/** Multiplies as a model does, with ever more threads, and says with how many it gains nothing more. */
async function checkProcessor(): Promise<Finding> {
  const most = availableParallelism();
  const name = `${cpus()[0]?.model.trim() ?? "a processor"}, ${most} threads`;
  const counts = [...new Set([1, Math.ceil(most / 4), Math.ceil(most / 2), most])];
  const rates = await measureThreads(counts).catch(() => undefined);
  if (!rates)
    return note("processor", `${name}; not measured, since ONNX Runtime cannot be loaded`);
  const best = Math.max(...rates.values());
  const worth = counts.find((count) => (rates.get(count) ?? 0) > 0.95 * best) ?? most;
  const gained = (best / (rates.get(1) ?? best)).toFixed(1);
  const says = `${name}; ${worth} are worth using, ${gained} times as fast as one`;
  const set = readThreads(process.env) ?? most;
  if (set === worth) return good("processor", says);
  return note(
    "processor",
    says,
    `ENGINE_THREADS=${worth} leaves the others to encoders and the server`,
  );
}

/** Products per second by the number of threads; together they take about two seconds. */
async function measureThreads(counts: readonly number[]): Promise<Map<number, number>> {
  const { Tensor } = await import("onnxruntime-node");
  const { createDataFile } = await import("../../model/onnx/data-file.ts");
  const { createModel } = await import("../../model/onnx/model.ts");
  const { matmul } = await import("../../model/onnx/ops/arithmetic.ts");
  const { openSession } = await import("../../model/session.ts");
  const folder = mkdtempSync(join(tmpdir(), "doctor-"));
  try {
    const path = join(folder, "product.onnx");
    const data = createDataFile(join(folder, "product.data"));
    const model = createModel(data);
    const x = model.input("x", "float32", [1, rows]);
    const weights = model.initializer("weights", "float32", [rows, columns], () =>
      new Float32Array(rows * columns).fill(0.01),
    );
    model.output("y", matmul(x, weights), [1, columns]);
    model.write(path);
    data.close();
    const inputs = { x: new Tensor("float32", new Float32Array(rows).fill(1), [1, rows]) };
    const rates = new Map<number, number>();
    for (const threads of counts) {
      const session = await openSession(path, { threads });
      await session.run(inputs);
      const startedAt = performance.now();
      const until = startedAt + (1000 * measuredSeconds) / counts.length;
      let products = 0;
      for (; performance.now() < until; products++) await session.run(inputs);
      rates.set(threads, (1000 * products) / (performance.now() - startedAt));
      await session.close();
    }
    return rates;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
