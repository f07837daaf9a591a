/**
 * Tells speech from what a model makes when it is lost. Two states are known from which it does not come back: near
 * silence that goes on once all has been said (sgl-project/sglang-omni issue 1179: the end token's probability falls to
 * 1e-14 and stays there), and a phrase that repeats (vllm-project/vllm-omni issue 6158).
 *
 * Silence is judged by the sound, since its codes vary; repetition by the first code of each frame, which carries what
 * is said, while the others vary. A wrong verdict cuts speech off, so the limits leave the longest pauses and the
 * longest vowels far behind; what is only doubtful is held back, not lost.
 */

/** 1.2 s, which is what jamiepine/voicebox takes for the longest pause within speech. */
const longestPauseFrames = 15;
/** 3 s. The same program gives takes up after 2 s of silence, and can speak the text again in parts. */
const lostSilenceFrames = 38;

/** Up to 1.28 s: a few words. */
const longestPeriodFrames = 16;
/** 2 s of the same sound or syllables. */
const longestRepetitionFrames = 25;
/** 4 s, three times the longest period and more. */
const lostRepetitionFrames = 50;

/** -50 dB of full scale: room noise stays below it; a whisper does not. */
const silenceLevel = 10 ** (-50 / 20);

/** Watches the frames of one take. */
export interface DegenerationWatch {
  /** Takes the next frame: its first code, and its sound. After `isLost` nothing counts. */
  push(firstCode: bigint, pcm: Float32Array): void;
  /** How many of the last frames are in doubt: silence or repetition longer than is usual. 0 as soon as it ends. */
  readonly doubtfulFrames: number;
  /** No more speech is to be expected. */
  readonly isLost: boolean;
  /** Whether any frame so far can be heard. */
  readonly hasSounded: boolean;
}

export function createDegenerationWatch(): DegenerationWatch {
  const recent: bigint[] = [];
  /** For each period from 1 on, for how many frames each code has been that of one period before. */
  const repeated = Array<number>(longestPeriodFrames).fill(0);
  let silentFrames = 0;
  let repeatedFrames = 0;
  let hasSounded = false;
  let isLost = false;

  return {
    push(firstCode, pcm) {
      if (isLost) return;
      const isSilent = rootMeanSquare(pcm) < silenceLevel;
      hasSounded ||= !isSilent;
      silentFrames = isSilent ? silentFrames + 1 : 0;

      repeatedFrames = 0;
      for (const [index, count] of repeated.entries()) {
        const period = index + 1;
        const now = recent.at(-period) === firstCode ? count + 1 : 0;
        repeated[index] = now;
        if (now >= period) repeatedFrames = Math.max(repeatedFrames, now + period);
      }
      recent.push(firstCode);
      if (recent.length > longestPeriodFrames) recent.shift();
      isLost = silentFrames >= lostSilenceFrames || repeatedFrames >= lostRepetitionFrames;
    },
    get doubtfulFrames() {
      const silence = silentFrames - longestPauseFrames;
      return Math.max(0, silence, repeatedFrames - longestRepetitionFrames);
    },
    get isLost() {
      return isLost;
    },
    get hasSounded() {
      return hasSounded;
    },
  };
}

function rootMeanSquare(pcm: Float32Array): number {
  return Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length);
}
