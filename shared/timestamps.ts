// Apart from the schemas: pages have no use for these.
import type { SpeechEvent, Timestamps } from "./speech-events.ts";

/** Without words where none were told of. */
export function timestampsOf(events: readonly SpeechEvent[]): Timestamps {
  const timestamps: Timestamps = { segments: [], marks: [] };
  const words: NonNullable<Timestamps["words"]> = [];
  for (const { type, ...event } of events) {
    if ("word" in event) words.push(event);
    else if ("text" in event) timestamps.segments.push(event);
    else if ("name" in event) timestamps.marks.push(event);
  }
  return words.length > 0 ? { words, ...timestamps } : timestamps;
}
