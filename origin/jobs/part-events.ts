import * as z from "zod";
import { type SpeechEvent, speechEventsSchema } from "../../shared/speech-events.ts";
import { countCodePoints } from "../../shared/text-rules.ts";
import type { JobRecord, JobScript } from "./job-record.ts";
import type { JobStore } from "./job-store.ts";

/** What happens in a part, beside its samples. */
const partEventsSchema = z.object({
  /** Those of its chapter that go before it. */
  samplesBefore: z.int().nonnegative(),
  /** By the part's own clock, with places in its own text. */
  events: speechEventsSchema,
});

/** Both from 0. */
interface Place {
  chapter: number;
  part: number;
}

export async function savePartEvents(
  store: JobStore,
  id: string,
  place: Place,
  content: z.infer<typeof partEventsSchema>,
): Promise<void> {
  await store.writeFile(id, eventsName(place), content);
}

/**
 * What happens in a chapter that has been spoken: by the clock of the file that it is in, where it begins after
 * `secondsBefore`, with places in the chapter's text as its parts have it.
 */
export async function readChapterEvents(
  store: JobStore,
  record: JobRecord,
  script: JobScript,
  chapter: number,
  secondsBefore: number,
): Promise<SpeechEvent[]> {
  const all: SpeechEvent[] = [];
  let codePoints = 0;
  for (const [part, { text }] of (script.chapters[chapter] ?? []).entries()) {
    const name = eventsName({ chapter, part });
    const { samplesBefore, events } = await store.readFile(record.id, name, partEventsSchema);
    const seconds = secondsBefore + samplesBefore / record.request.sampleRate;
    for (const event of events) all.push(moved(event, seconds, codePoints));
    codePoints += countCodePoints(text);
  }
  return all;
}

function eventsName({ chapter, part }: Place): string {
  return `chapter-${chapter + 1}-part-${part + 1}.json`;
}

function moved(event: SpeechEvent, seconds: number, codePoints: number): SpeechEvent {
  const later = (time: number) => Math.round((seconds + time) * 1000) / 1000;
  switch (event.type) {
    case "speech.mark":
      return { ...event, time: later(event.time) };
    case "speech.progress":
      return { ...event, seconds: later(event.seconds) };
    default:
      return {
        ...event,
        start: later(event.start),
        end: later(event.end),
        char_start: codePoints + event.char_start,
        char_end: codePoints + event.char_end,
      };
  }
}
