import { copiedFiles } from "../model/pack/pack-files.ts";

/** What a pack is built from: paths in a published repository, small files first. */
export const checkpointFiles = [
  ...copiedFiles,
  "speech_tokenizer/model.safetensors",
  "model.safetensors",
];
