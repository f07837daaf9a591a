import { type Edges, startEdges } from "./edge.ts";
import { type FramesOrigin, startFramesOrigin } from "./frames-origin.ts";

/** How long the impatient edge waits: for an answer that begins at once, even on a busy machine. */
export const timeoutSeconds = 1.2;

/** An origin that breaks the frame protocol when told to, before an edge as deployed and one with little patience. */
export interface TroubledOrigin {
  origin: FramesOrigin;
  edges: Edges<"edge" | "impatient">;
  close(): Promise<void>;
}

export async function startTroubledOrigin(): Promise<TroubledOrigin> {
  const origin = await startFramesOrigin();
  const edges = await startEdges({
    edge: { ORIGIN_URLS: origin.url },
    impatient: { ORIGIN_URLS: origin.url, ORIGIN_TIMEOUT_SECONDS: String(timeoutSeconds) },
  });
  return {
    origin,
    edges,
    async close() {
      await edges.close();
      await origin.close();
    },
  };
}
