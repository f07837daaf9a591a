import type { ModelId } from "../../../shared/models.ts";
import { startSystem } from "../../support/system.ts";
import { type Heard, listen } from "./listen.ts";
import type { Notebook } from "./notebook.ts";

const sentence =
  "The ferry leaves at noon, and we still have to pack our things and say goodbye to everyone. ";
/** As long as a request may be. */
const longText = sentence.repeat(50).slice(0, 4096);
/** Of which several segments are heard. */
const longTextSeconds = 16;

export interface SpeechOptions {
  modelsDirectory: string;
  model: ModelId;
  /** Listeners at the same time. */
  company: number;
}

/** Speaks through the real edge and origin: alone, in company, and a text as long as a request may be. */
export async function measureSpeech(notebook: Notebook, options: SpeechOptions): Promise<void> {
  const { modelsDirectory, model, company } = options;
  process.stderr.write("speaking through edge and origin\n");
  const system = await startSystem({
    MODELS_DIR: modelsDirectory,
    ENGINE: "qwen3",
    // Whoever comes is heard, however late: that is what is measured.
    MAX_WAIT_SECONDS: "600",
  });
  const say = (input: string, seed: number, maxSeconds?: number) =>
    listen(
      system.url,
      {
        model,
        voice: model.endsWith("voice-design") ? "design" : "Ryan",
        ...(model.endsWith("voice-design") ? { instructions: "A calm, warm voice." } : {}),
        input,
        seed,
      },
      maxSeconds,
    );
  const measure = async (who: string, speak: () => Promise<Heard[]>) => {
    let heard: Heard[] = [];
    await notebook.time(async () => {
      heard = await speak();
      return { [`first sound, ${who}`]: 1000 * worst(heard, "firstSoundSeconds") };
    });
    const seconds = worst(heard, "totalSeconds");
    const audio = heard.reduce((total, { audioSeconds }) => total + audioSeconds, 0);
    notebook.note(`RTF, ${who}`, `${(seconds / audio).toFixed(2)} for ${audio.toFixed(1)} s`);
    notebook.note(`waiting in gaps, ${who}`, `${worst(heard, "gapSeconds").toFixed(2)} s`);
  };
  try {
    await say("Hello.", 1);
    await measure("one listener", async () => [await say(sentence, 2)]);
    await measure(`the last of ${company} listeners`, () =>
      Promise.all(Array.from({ length: company }, (_, index) => say(sentence, 10 + index))),
    );
    await measure(`a text of 4096 characters up to ${longTextSeconds} s`, async () => [
      await say(longText, 3, longTextSeconds),
    ]);
  } finally {
    await system.close();
  }
}

function worst(heard: readonly Heard[], what: keyof Heard): number {
  return Math.max(...heard.map((each) => each[what]));
}
