import { closeSync, openSync, writeSync } from "node:fs";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { clonesVoices } from "../checkpoint/model-config.ts";
import { predictorTables } from "../prompt/reference-embedder.ts";
import type { SafetensorsFile } from "../safetensors.ts";

const rowsAtOnce = 4096;
const lengthFieldBytes = 8;

/**
 * Copies the embedding tables of a checkpoint, as they are stored, into a safetensors file of their own: those of which a
 * prompt needs a few rows each. The rest of the tensors are in the graphs.
 */
export function writeEmbeddingFile(path: string, checkpoint: Checkpoint): void {
  const { config, tensors } = checkpoint;
  const tables = [
    "talker.model.text_embedding.weight",
    "talker.model.codec_embedding.weight",
    // Frames stand in prompts of cloned voices alone.
    ...(clonesVoices(config) ? predictorTables(config.talker_config) : []),
  ];
  let end = 0;
  const entries = tables.map((name) => {
    const { dtype, shape } = tensor(tensors, name);
    const bytes = tensors.readStored(name, 0, 1).byteLength * (shape[0] ?? 0);
    const entry = { dtype, shape, data_offsets: [end, end + bytes] };
    end += bytes;
    return [name, entry] as const;
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(lengthFieldBytes);
  length.writeBigUInt64LE(BigInt(header.byteLength));

  const descriptor = openSync(path, "w");
  try {
    writeAll(descriptor, length);
    writeAll(descriptor, header);
    for (const name of tables) {
      const rows = tensor(tensors, name).shape[0] ?? 0;
      for (let first = 0; first < rows; first += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, rows - first);
        writeAll(descriptor, tensors.readStored(name, first, count));
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

function tensor(checkpoint: SafetensorsFile, name: string) {
  const info = checkpoint.tensors.get(name);
  if (!info) throw new Error(`${checkpoint.path}: there is no tensor ${name}`);
  return info;
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.byteLength; ) done += writeSync(descriptor, bytes, done);
}
