import * as z from "zod";
import { type Correlation, correlationHeaders } from "../../shared/http/trace-context.ts";
import { toHex } from "../../shared/identity.ts";
import type { VoiceMaker } from "../../shared/voices/voice-book.ts";
import {
  hearRecordingPath,
  madeVoiceHeader,
  madeVoiceSchema,
  voiceFilesPath,
} from "../../shared/voices/voice-files.ts";
import { badGateway, originTimeout, originUnreachable } from "../errors.ts";
import { refusalOf } from "../origins/answer.ts";
import { userAgent } from "../origins/reachability.ts";
import { rendezvous } from "../origins/rendezvous.ts";
import { sendWithToken } from "../origins/tokens.ts";
import { noteTrouble, troubledLast } from "../origins/troubles.ts";
import { TryElsewhere } from "../origins/try-elsewhere.ts";
import { requireOrigins, type Settings } from "../settings.ts";

const heardSchema = z.object({ seconds: z.number().positive() });

/** Has voices made by the first origin that can, for an edge has no models. */
export function makerByOrigins(settings: Settings, correlation: Correlation): VoiceMaker {
  async function ask(path: string, form: FormData, signal: AbortSignal): Promise<Response> {
    let told: unknown;
    for (const origin of troubledLast(
      await rendezvous(correlation.requestId, requireOrigins(settings)),
    )) {
      try {
        return await askOne(origin, path, form, signal);
      } catch (cause) {
        if (!(cause instanceof TryElsewhere)) throw cause;
        told ??= cause.told;
        if (cause.isTrouble) noteTrouble(origin);
      }
    }
    throw told;
  }

  async function askOne(origin: URL, path: string, form: FormData, signal: AbortSignal) {
    const seconds = settings.originTimeoutSeconds;
    const late = AbortSignal.timeout(seconds * 1000);
    try {
      const answer = await sendWithToken(origin, settings.originTokens, (token) =>
        fetch(new URL(path.slice(1), origin), {
          method: "POST",
          headers: {
            "user-agent": userAgent,
            ...correlationHeaders(correlation),
            ...(token ? { authorization: `Bearer ${token}` } : {}),
          },
          body: form,
          signal: AbortSignal.any([signal, late]),
          redirect: "manual",
        }),
      );
      if (answer.status === 200) return answer;
      throw await refusalOf(answer);
    } catch (cause) {
      signal.throwIfAborted();
      if (late.aborted) throw originTimeout(seconds);
      if (cause instanceof TypeError) throw new TryElsewhere(originUnreachable(cause));
      throw cause;
    }
  }

  return {
    async make(order, signal) {
      const form = new FormData();
      form.set("type", order.type);
      form.set("name", order.name);
      if (order.language) form.set("language", order.language);
      if (order.type === "prompt") {
        form.set("prompt", order.prompt);
        if (order.scriptHint) form.set("script_hint", order.scriptHint);
      } else {
        form.set(
          "audio_sample",
          new Blob([order.recording as Uint8Array<ArrayBuffer>]),
          "recording",
        );
        if (order.refText) form.set("ref_text", order.refText);
      }
      const answer = await ask(voiceFilesPath, form, signal);
      const file = new Uint8Array(await answer.arrayBuffer());
      const made = readMade(answer.headers.get(madeVoiceHeader));
      if (!made || made.digest !== toHex(await crypto.subtle.digest("SHA-256", file))) {
        throw badGateway("The speech origin's voice broke off or was malformed.");
      }
      return { ...made, file };
    },
    async hear(recording, signal) {
      const form = new FormData();
      form.set("recording", new Blob([recording as Uint8Array<ArrayBuffer>]), "recording");
      const answer = await ask(hearRecordingPath, form, signal);
      const heard = heardSchema.safeParse(await answer.json().catch(() => undefined));
      if (heard.success) return heard.data;
      throw badGateway("The speech origin did not say what it heard.");
    },
  };
}

function readMade(header: string | null) {
  try {
    return madeVoiceSchema.safeParse(JSON.parse(header ?? "")).data;
  } catch {
    return undefined;
  }
}
