// The process of `runSelfTest`: loads a pack, speaks with it, and tells what it has found after every step.
import type { Speaker } from "../../../../shared/voices/presets.ts";
import { createLevel } from "../../../audio/level.ts";
import { type LoadedPack, openPack } from "../../../model/pack/open-pack.ts";
import type { SpokenSentence } from "../../../model/pack/self-test-record.ts";
import { possibleShares } from "../../../model/parts/thread-shares.ts";
import type { VoicePrompt } from "../../../voices/voice-prompt.ts";
import type { Utterance } from "../../engine.ts";
import type { Synthesizer } from "../../serve.ts";
import { countSilentFrames } from "../leading-silence.ts";
import { createQwen3Synthesizer } from "../synthesizer.ts";
import { findFastestShares } from "./fastest-shares.ts";
import type { SelfTestMessage } from "./self-test.ts";
import { findProblem } from "./self-test-problem.ts";
import { type Sentence, selfTestSentences } from "./self-test-sentences.ts";
import { syntheticVoice } from "./synthetic-voice.ts";

/** A sentence that does not end gets another chance: of the published models, one in some hundred does not. */
const maxAttempts = 2;
/** Takes of each speaker of which the leading silence is measured, and the most of it that is worth to be. */
const leadingTakes = 4;
const maxLeadingFrames = 4;
/** What is asked of most answers. */
const plain = {
  mix: null,
  voice: null,
  instructions: null,
  sampling: {},
  retryable: false,
} as const satisfies Partial<Utterance>;
const description = "A calm, warm voice of a woman in her forties, who speaks clearly.";

// Nobody waits for it any more.
process.once("disconnect", () => process.exit());
if (!process.connected) process.exit();

const [folder = "", threads] = process.argv.slice(2);
try {
  await testPack(folder, Number(threads));
} catch (cause) {
  tell({ error: cause instanceof Error ? cause.message : String(cause) });
} finally {
  process.disconnect();
}

async function testPack(folder: string, threads: number): Promise<void> {
  const beforeLoading = performance.now();
  const pack = await openPack(folder, { threads, apart: true });
  tell({
    found: {
      loading: {
        seconds: (performance.now() - beforeLoading) / 1000,
        resident_bytes: process.memoryUsage.rss(),
      },
    },
  });

  // What an earlier test found is not to be cut of what this one measures.
  const { self_test: _, ...untested } = pack.manifest;
  const synthesizer = createQwen3Synthesizer({ ...pack, manifest: untested });
  const mustEnd = pack.config.tts_model_type !== "base";
  const voice = await syntheticVoice(pack);
  const sentences: SpokenSentence[] = [];
  let frames = 0;
  let speakingBytes = 0;
  const start = performance.now();
  const script = selfTestSentences(pack.config.talker_config);
  if (script.length === 0) throw new Error("it has none of the languages of the test");
  for (const sentence of script) {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const spoken = await speak(synthesizer, pack, {
        sentence,
        voice,
        number: sentences.length,
        attempt,
      });
      frames += spoken.frames;
      speakingBytes = Math.max(speakingBytes, process.memoryUsage.rss());
      if (spoken.finish === "length" && attempt < maxAttempts) continue;
      sentences.push(spoken);
      break;
    }
    const problem = findProblem(sentences, mustEnd);
    tell({
      found: {
        problem,
        sentences,
        milliseconds_per_frame: (performance.now() - start) / frames,
        peak_resident_bytes: process.resourceUsage().maxRSS * 1024,
        speaking_resident_bytes: speakingBytes,
      },
    });
    if (problem) return;
  }
  tell({
    found: { leading_silent_frames: await measureLeadingSilence(synthesizer, pack, script) },
  });
  await pack.close();
  const shares = possibleShares(threads);
  if (shares.length < 2) return;
  const fastest = await findFastestShares(folder, { threads, shares }, (pack, number) => {
    const sentence = script[number % script.length] ?? script[0];
    if (!sentence) throw new Error("it has none of the languages of the test");
    const attempt = { sentence, voice, number, attempt: 1 };
    return speak(createQwen3Synthesizer(pack), pack, attempt);
  });
  tell({ found: { thread_shares: fastest } });
}

/** By speaker, of several takes as short as that can be told from. */
async function measureLeadingSilence(
  synthesizer: Synthesizer,
  { config, manifest }: LoadedPack,
  script: readonly Sentence[],
): Promise<Record<string, number>> {
  const { samples_per_frame: samplesPerFrame } = manifest.shapes;
  const least: Record<string, number> = {};
  for (const speaker of Object.keys(config.talker_config.spk_id)) {
    for (const [take, { language, text }] of script.slice(0, leadingTakes).entries()) {
      const audio = synthesizer.synthesize(
        {
          ...plain,
          model: manifest.model,
          speaker: speaker as Speaker,
          language,
          text,
          seed: take,
        },
        new AbortController().signal,
      );
      const most = least[speaker] ?? maxLeadingFrames;
      let silent = 0;
      for await (const pcm of audio) {
        const frames = countSilentFrames(pcm, samplesPerFrame);
        silent += frames;
        if (silent >= most || frames < Math.floor(pcm.length / samplesPerFrame)) break;
      }
      least[speaker] = Math.min(most, silent);
      // No other take could make it more.
      if (silent === 0) break;
    }
  }
  return least;
}

interface Attempt {
  sentence: Sentence;
  /** For models that clone. */
  voice: VoicePrompt | null;
  /** Of the sentence. */
  number: number;
  attempt: number;
}

/** Speaks a sentence, with one speaker after the other where the model has speakers of its own. */
async function speak(
  synthesizer: Synthesizer,
  { config, manifest }: LoadedPack,
  { sentence: { language, text }, voice, number, attempt }: Attempt,
): Promise<SpokenSentence> {
  const speakers = Object.keys(config.talker_config.spk_id) as Speaker[];
  const utterance = {
    model: manifest.model,
    text,
    speaker: speakers[number % speakers.length] ?? null,
    mix: null,
    voice,
    language,
    instructions: config.tts_model_type === "voice_design" ? description : null,
    sampling: {},
    seed: number * maxAttempts + attempt,
    // Every attempt is heard to its end.
    retryable: false,
  };
  const level = createLevel();
  const audio = synthesizer.synthesize(utterance, new AbortController().signal);
  let chunk = await audio.next();
  for (; !chunk.done; chunk = await audio.next()) level.push(chunk.value);
  return {
    language,
    attempts: attempt,
    frames: level.samples / manifest.shapes.samples_per_frame,
    finish: chunk.value.finish === "stop" ? "stop" : "length",
    peak: level.peak,
    rms: level.rms,
    non_finite: level.nonFinite,
  };
}

function tell(message: SelfTestMessage): void {
  process.send?.(message);
}
