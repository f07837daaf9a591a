import type { Value } from "../graph.ts";
import { operation, operations } from "./operand.ts";

/** Cosines and sines of the rotary angles, each [positions, head size / 2]. */
export interface RotaryTable {
  cosines: Value;
  sines: Value;
}

/**
 * Rotary position embedding of the half-split kind (Su et al. 2021, NeoX pairing): x [B, heads, T, head size].
 * `positions` is int64: [1] for a first position that the rest follows, or [B, T].
 */
export function rotate(x: Value, positions: Value, table: RotaryTable): Value {
  return operation("RotaryEmbedding", [x, positions, table.cosines, table.sines], {
    domain: "com.microsoft",
  });
}

export interface GroupQueryAttentionInputs {
  /** [B, L, heads · head size] */
  query: Value;
  /** [B, L, KV heads · head size], like `value`. */
  key: Value;
  value: Value;
  /** [B, KV heads, P, head size], right-padded, P may be 0. */
  pastKey: Value;
  pastValue: Value;
  /** int32 [B]: valid positions after this call, less one. */
  lastPosition: Value;
  /**
   * int32 scalar, read on the host: the longest row's valid positions after this call. The past's own room counts where it
   * is larger; with L > 1 and no past, it must be L.
   */
  totalLength: Value;
  /** When given, queries and keys are rotated by their positions. */
  rotary: RotaryTable | null;
}

/**
 * Causal attention with grouped key and value heads (Ainslie et al. 2023) and scale 1 / sqrt(head size), by the
 * fused kernel. Keys come back rotated. With a past and B > 1 the kernel takes L = 1 only.
 */
export function groupQueryAttention(
  inputs: GroupQueryAttentionInputs,
  options: { heads: number; keyValueHeads: number },
): { attended: Value; presentKey: Value; presentValue: Value } {
  const { query, key, value, pastKey, pastValue, lastPosition, totalLength, rotary } = inputs;
  const [attended, presentKey, presentValue] = operations(
    "GroupQueryAttention",
    [
      query,
      key,
      value,
      pastKey,
      pastValue,
      lastPosition,
      totalLength,
      rotary?.cosines ?? null,
      rotary?.sines ?? null,
    ],
    [query.type, query.type, query.type],
    {
      domain: "com.microsoft",
      attributes: {
        num_heads: options.heads,
        kv_num_heads: options.keyValueHeads,
        do_rotary: rotary ? 1 : 0,
      },
    },
  );
  if (!attended || !presentKey || !presentValue) throw new Error("the kernel has three results");
  return { attended, presentKey, presentValue };
}
