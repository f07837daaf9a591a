import type { Session } from "../session.ts";
import type { CacheShape } from "./key-value-cache.ts";

/** The sizes a graph of `declareFrame` was built with. */
export interface GraphShape {
  /** Of the talker's vectors. */
  width: number;
  /** Of the talker. */
  vocabulary: number;
  /** Of the code predictor. */
  predictorVocabulary: number;
  codebooks: number;
  cache: CacheShape;
}

/**
 * Reads the sizes off the graph's inputs, but for that of the predictor's vocabulary, which none of them has. Throws when
 * they are not those of a generate graph.
 */
export function readGraphShape({ inputs }: Session, predictorVocabulary: number): GraphShape {
  const size = (name: string, axis: number) => {
    const dimension = inputs.find((input) => input.name === name)?.shape.at(axis);
    if (typeof dimension === "number") return dimension;
    throw new Error(`not a generate graph: its input ${name} has no fixed size at axis ${axis}`);
  };
  return {
    width: size("embeddings", -1),
    vocabulary: size("seen", -1),
    predictorVocabulary,
    codebooks: size("uniforms", -1),
    cache: {
      type: cacheType(inputs.find(({ name }) => name === "key.0")?.type),
      tensors: inputs.filter(({ name }) => /^(key|value)\.\d+$/.test(name)).length,
      heads: size("key.0", 1),
      headSize: size("key.0", -1),
    },
  };
}

function cacheType(type: string | undefined): CacheShape["type"] {
  if (type === "float32" || type === "float16") return type;
  throw new Error(`not a generate graph: its cache is of ${type}`);
}
