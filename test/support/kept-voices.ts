import { randomUUID } from "node:crypto";
import { digestOfVoiceFile, writeVoiceFile } from "../../origin/voices/voice-file.ts";
import type { VoiceStore } from "../../origin/voices/voice-store.ts";
import type { VoiceRecord } from "../../shared/voices/voice-record.ts";

/** Of the talkers of test/fixtures/pico. */
const picoWidth = 24;

function numberOf(name: string, index: number): number {
  return name.charCodeAt(index % name.length) / 256;
}

/** Keeps a voice as a Base model would have encoded it, with a vector that the name decides. */
export async function keepVoice(
  { book }: Pick<VoiceStore, "book">,
  name: string,
  facts: Partial<VoiceRecord> = {},
): Promise<VoiceRecord> {
  const file = writeVoiceFile({
    encodings: new Map([
      [
        "qwen3-tts-12hz-0.6b-base",
        {
          xVector: Float32Array.from({ length: picoWidth }, (_, i) => numberOf(name, i)),
          encoder: "none",
        },
      ],
    ]),
    reference: null,
  });
  const record: VoiceRecord = {
    id: `voice_${randomUUID().replaceAll("-", "")}`,
    name,
    digest: digestOfVoiceFile(file),
    models: ["qwen3-tts-12hz-0.6b-base"],
    type: "audio_sample",
    created_at: 1_790_000_000,
    prompt: null,
    language: "english",
    consent: null,
    seconds: 3.2,
    has_reference: false,
    ...facts,
  };
  const unkept = await book.addVoice(record, file);
  if (unkept) throw new Error(`${name} is not kept: ${unkept}`);
  return record;
}
