import type { Manifest } from "../../model/pack/manifest.ts";
import { hasEncoders, isOfEncoders, packFiles } from "../../model/pack/pack-files.ts";
import { voiceMemoryBytes } from "./voice-memory.ts";

/** What it takes to load a pack. */
export interface PackCost {
  /** Of its process, with what it keeps once it has spoken; what it needs for each stream is counted with that. */
  memoryBytes: number;
  seconds: number;
}

/** Node and ONNX Runtime without a model, in three threads. */
const processBytes = 150e6;
/** ONNX Runtime rearranges weights for its kernels: a process takes 1.1 to 1.4 times the files that it reads whole. */
const bytesPerFileByte = 1.3;
/** What the first utterances add to that, which ONNX Runtime does not give back: a guess until it has been measured. */
const speakingBytesPerFileByte = 0.2;

const processSeconds = 1;
const fileBytesPerSecond = 200e6;

/** What loading will take: what it took in the pack's self-test, else a guess by the sizes of its files. */
export function estimateCost(manifest: Manifest): PackCost {
  const measured = manifest.self_test?.loading;
  const fileBytes = Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
  const { resident_bytes: loadedBytes, seconds } = measured ?? {
    resident_bytes: Math.ceil(processBytes + bytesPerFileByte * wholeBytes(manifest)),
    seconds: processSeconds + fileBytes / fileBytesPerSecond,
  };
  return { memoryBytes: loadedBytes + speakingBytes(manifest), seconds };
}

/** What speaking adds to the memory of a process that has loaded the pack. */
export function speakingBytes(manifest: Manifest): number {
  const { loading, speaking_resident_bytes: spoken } = manifest.self_test ?? {};
  const voiceBytes = hasEncoders(manifest.files) ? voiceMemoryBytes : 0;
  if (loading && spoken !== undefined) {
    return voiceBytes + Math.max(0, spoken - loading.resident_bytes);
  }
  return voiceBytes + Math.ceil(speakingBytesPerFileByte * wholeBytes(manifest));
}

/** Of the files that are read whole. */
function wholeBytes({ files }: Manifest): number {
  return (
    Object.entries(files)
      // Its rows are read one by one, when they are needed, and encoders are loaded for each voice.
      .filter(([name]) => name !== packFiles.embeddings && !isOfEncoders(name))
      .reduce((sum, [, { bytes }]) => sum + bytes, 0)
  );
}
