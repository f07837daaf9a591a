/** The files of a pack beside its manifest that are made from tensors. */
export const packFiles = {
  embeddings: "embeddings.safetensors",
  projection: "text-projection.onnx",
  /** Many frames in a call, and one: of the same weights. */
  loop: "generate.onnx",
  frame: "generate-frame.onnx",
  codec: "codec.onnx",
} as const;

/** Those that only packs of models have that clone voices. */
export const encoderFiles = {
  speaker: "speaker-encoder.onnx",
  codec: "codec-encoder.onnx",
} as const;

/** Small files that are read at run time as the publisher wrote them. */
export const copiedFiles = [
  "config.json",
  "generation_config.json",
  "tokenizer_config.json",
  "vocab.json",
  "merges.txt",
  "speech_tokenizer/config.json",
];

/** Where a graph's big tensors are. */
export function dataFileOf(graph: string): string {
  return (graph === packFiles.frame ? packFiles.loop : graph).replace(/\.onnx$/, ".data");
}

/** Every file that belongs to a pack, but for its manifest. */
export function packFileNames({ clones }: { clones: boolean }): string[] {
  const { embeddings, ...graphs } = packFiles;
  const ofGraphs = [...Object.values(graphs), ...(clones ? encoderGraphs : [])].flatMap((graph) => [
    graph,
    dataFileOf(graph),
  ]);
  return [...new Set([...copiedFiles, embeddings, ...ofGraphs])];
}

/** Whether a pack that lists these files has encoders. */
export function hasEncoders(files: Readonly<Record<string, unknown>>): boolean {
  return encoderGraphs.every((graph) => Object.hasOwn(files, graph));
}

/** Whether a file is read only while a voice is encoded. */
export function isOfEncoders(file: string): boolean {
  return encoderGraphs.some((graph) => file === graph || file === dataFileOf(graph));
}

const encoderGraphs: readonly string[] = Object.values(encoderFiles);
