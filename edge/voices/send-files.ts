import { type Correlation, correlationHeaders } from "../../shared/http/trace-context.ts";
import { voiceFilesHeader, voiceFilesPath } from "../../shared/voices/voice-files.ts";
import { userAgent } from "../origins/reachability.ts";
import { sendWithToken } from "../origins/tokens.ts";
import type { KeptVoiceFiles } from "./voice-files.ts";

export interface FilesOrder {
  origin: URL;
  tokens: readonly string[];
  correlation: Correlation;
  files: Pick<KeptVoiceFiles, "read">;
  signal: AbortSignal;
}

/** Whether an origin's answer says that it lacks the files of voices, which it is then to be sent. */
export function lacksVoiceFiles(answer: Response): boolean {
  return answer.status === 424 && answer.headers.has(voiceFilesHeader);
}

/** Sends an origin the files that its answer asks for, as far as they are there; whether they all were and were taken. */
export async function sendVoiceFiles(answer: Response, order: FilesOrder): Promise<boolean> {
  const { origin, tokens, correlation, files, signal } = order;
  const digests = answer.headers.get(voiceFilesHeader)?.split(",") ?? [];
  await answer.body?.cancel();
  const sent = await Promise.all(
    digests.map(async (digest) => {
      const file = await files.read(digest);
      if (!file) return false;
      const taken = await sendWithToken(origin, tokens, (token) =>
        fetch(new URL(`${voiceFilesPath.slice(1)}/${digest}`, origin), {
          method: "PUT",
          headers: {
            "content-type": "application/json",
            "user-agent": userAgent,
            ...correlationHeaders(correlation),
            ...(token ? { authorization: `Bearer ${token}` } : {}),
          },
          body: file,
          signal,
          redirect: "manual",
        }),
      );
      await taken.body?.cancel();
      return taken.status === 204;
    }),
  );
  return sent.every(Boolean);
}
