import { type AudioFacts, ageSeconds } from "./stored-audio.ts";

/**
 * Where an answer came from. `joined` another that was being spoken; `new_take`, since the request wanted no stored one, and
 * `refreshed`, where it takes that one's place; `private`, since it wanted nothing kept; `uncached`, since nothing is kept here.
 */
export type Source =
  | { name: "hit"; facts: AudioFacts; ttlSeconds: number }
  | { name: "miss" | "joined" | "refreshed" | "new_take" | "private" | "uncached" };

const words = {
  miss: ["MISS", "fwd=miss"],
  joined: ["JOIN", "fwd=miss; collapsed"],
  refreshed: ["MISS", "fwd=request"],
  new_take: ["MISS", "fwd=request"],
  private: ["BYPASS", "fwd=request"],
  uncached: ["BYPASS", "fwd=bypass"],
} as const;

/** Says where an answer came from: `X-Cache` for people, `Cache-Status` (RFC 9211) for programs, `Age` (RFC 9111). */
export function cacheHeaders(source: Source): Record<string, string> {
  // No cache before this one could tell two POST requests apart.
  const common = { "cache-control": "private, no-cache" };
  if (source.name !== "hit") {
    const [xCache, status] = words[source.name];
    return { ...common, "x-cache": xCache, "cache-status": `qwen3-tts-edge; ${status}` };
  }
  const age = ageSeconds(source.facts);
  const ttl = Math.max(0, source.ttlSeconds - age);
  return {
    ...common,
    "x-cache": "HIT",
    "cache-status": `qwen3-tts-edge; hit; ttl=${ttl}`,
    age: String(age),
  };
}

/** Strong: the stored bytes' own digest. */
export function entityTag({ sha256 }: AudioFacts): string {
  return `"${sha256}"`;
}
