/** Until the first look at an origin that keeps silent; each next one comes after twice the time. */
const firstLookMs = 1000;
/** An origin that is alive answers in milliseconds, however busy its engines are. */
const lookLimitMs = 4000;

/** What the edge calls itself to origins: proxies before them may refuse who does not say, and a Worker says nothing. */
export const userAgent = "qwen3-tts-edge";

export type Readiness = "ready" | "not_ready" | "unreachable";

/** Asks an origin whether it could speak now. */
export async function readiness(origin: URL, limitMs: number): Promise<Readiness> {
  try {
    const answer = await fetch(new URL("ready", origin), {
      headers: { "user-agent": userAgent },
      signal: AbortSignal.timeout(limitMs),
      redirect: "manual",
    });
    await answer.body?.cancel();
    if (saysUnreachable(answer.status)) return "unreachable";
    return answer.status === 200 ? "ready" : "not_ready";
  } catch {
    return "unreachable";
  }
}

/**
 * An origin says nothing before its first audio, which may be long in coming, and a machine that is switched off says
 * nothing either. This tells them apart: calls `onGone` once the origin cannot be reached. Returns what ends the watch.
 */
export function watchOver(origin: URL, onGone: () => void): () => void {
  let timer = setTimeout(look, firstLookMs, firstLookMs);
  let ended = false;
  async function look(pauseMs: number): Promise<void> {
    const found = await readiness(origin, lookLimitMs);
    if (ended) return;
    if (found === "unreachable") onGone();
    else timer = setTimeout(look, 2 * pauseMs, 2 * pauseMs);
  }
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/**
 * For an origin behind Cloudflare, fetch does not fail: Cloudflare answers with a status of its own when it cannot
 * connect (https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/).
 */
export function saysUnreachable(status: number): boolean {
  return [521, 522, 523, 525, 526, 530].includes(status);
}
