import { postSpeech } from "../../support/speech.ts";

const sampleRate = 24_000;
const bytesPerSample = 2;

export interface Heard {
  firstSoundSeconds: number;
  /** From the request to the last byte it listened to. */
  totalSeconds: number;
  audioSeconds: number;
  /** How long somebody who listens from the first sound on waits in gaps. */
  gapSeconds: number;
}

/** Asks for speech as raw PCM and listens to it as it comes, to its end or to the first that many seconds of it. */
export async function listen(
  url: string,
  fields: Record<string, unknown>,
  maxAudioSeconds = Number.POSITIVE_INFINITY,
): Promise<Heard> {
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  const answer = await postSpeech(url, { response_format: "pcm", ...fields });
  if (!answer.ok || !answer.body) throw new Error(`${answer.status}: ${await answer.text()}`);
  let firstSoundSeconds: number | undefined;
  let audioSeconds = 0;
  let gapSeconds = 0;
  for await (const bytes of answer.body) {
    firstSoundSeconds ??= elapsed();
    const playedUpTo = elapsed() - firstSoundSeconds - gapSeconds;
    gapSeconds += Math.max(0, playedUpTo - audioSeconds);
    audioSeconds += bytes.length / bytesPerSample / sampleRate;
    if (audioSeconds >= maxAudioSeconds) break;
  }
  if (firstSoundSeconds === undefined) throw new Error("the answer is empty");
  return { firstSoundSeconds, totalSeconds: elapsed(), audioSeconds, gapSeconds };
}
