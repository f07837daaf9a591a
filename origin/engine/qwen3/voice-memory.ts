/**
 * What of a prompt is the same whatever a cloned voice says: the vectors of what its reference says and of its frames, and the
 * state of the codec after them. They are computed for its first utterance and kept for the next.
 *
 * Keys and values are kept by the generator, and only of the words of the reference: the text to be said is added to its
 * frames from where its own text ends, so behind that each text has its own.
 */
import type { SessionState } from "../../model/codec/session-state.ts";
import type { LoadedPack } from "../../model/pack/open-pack.ts";
import { tokenizeReference } from "../../model/prompt/prompt-text.ts";
import type { EmbeddedReference } from "../../model/prompt/reference-embedder.ts";
import type { VoiceReference } from "../../voices/voice-prompt.ts";
import type { ReportWork } from "../serve.ts";

/** A reference as an utterance goes on from it. */
export interface PreparedReference {
  embedded: EmbeddedReference;
  after: SessionState;
}

export interface VoiceMemory {
  /** The reference of the voice of this digest. Throws an ApiError (400) when it says nothing. */
  prepare(digest: string, reference: VoiceReference): Promise<PreparedReference>;
  /** What is kept, in bytes. */
  readonly heldBytes: number;
}

interface Kept {
  prepared: Promise<PreparedReference>;
  /** 0 until it is prepared. */
  bytes: number;
}

/** About ten voices with references of ten seconds, which take 6 MB each; one is kept whatever it takes. */
export const voiceMemoryBytes = 64e6;

export interface VoiceMemoryOptions {
  /** Is told of every reference that is asked for. */
  report?: ReportWork;
  limitBytes?: number;
}

export function createVoiceMemory(
  { tokenizer, embedder, codecAfter }: Pick<LoadedPack, "tokenizer" | "embedder" | "codecAfter">,
  { report, limitBytes = voiceMemoryBytes }: VoiceMemoryOptions = {},
): VoiceMemory {
  /** The one used last is the last. */
  const voices = new Map<string, Kept>();

  async function compute({ codes, text }: VoiceReference): Promise<PreparedReference> {
    const embedded = await embedder.embedReference(tokenizeReference(tokenizer, text), codes);
    return { embedded, after: await codecAfter(BigInt64Array.from(codes, BigInt)) };
  }

  const heldBytes = () => [...voices.values()].reduce((sum, { bytes }) => sum + bytes, 0);

  function makeRoom(): void {
    for (const [digest, { bytes }] of voices) {
      if (heldBytes() <= limitBytes || voices.size === 1) return;
      if (bytes > 0) voices.delete(digest);
    }
  }

  return {
    get heldBytes() {
      return heldBytes();
    },
    async prepare(digest, reference) {
      const known = voices.get(digest);
      report?.(known ? { keptReferences: 1 } : { preparedReferences: 1 });
      const kept = known ?? { prepared: compute(reference), bytes: 0 };
      voices.delete(digest);
      voices.set(digest, kept);
      try {
        const prepared = await kept.prepared;
        kept.bytes = bytesOf(prepared);
        makeRoom();
        return prepared;
      } catch (cause) {
        if (voices.get(digest) === kept) voices.delete(digest);
        throw cause;
      }
    },
  };
}

function bytesOf({ embedded, after }: PreparedReference): number {
  const vectors = [...embedded.text, ...embedded.frames];
  const states = Object.values(after).map(({ data }) => (ArrayBuffer.isView(data) ? data : null));
  return [...vectors, ...states].reduce((sum, part) => sum + (part?.byteLength ?? 0), 0);
}
