import { DownloadError } from "./download-error.ts";
import { networkFault } from "./network-fault.ts";
import { refusal, type Subject } from "./refusal.ts";

export interface HubRequest {
  subject: Subject;
  headers?: Record<string, string>;
  signal: AbortSignal;
}

/** A Hugging Face hub or a mirror of one. */
export interface Hub {
  readonly endpoint: string;
  /**
   * Asks for a path such as `/api/models/…`. Answers with success or 416. Throws TransientFault when another try may
   * help, else DownloadError.
   */
  get(path: string, request: HubRequest): Promise<Response>;
}

const officialEndpoint = "https://huggingface.co";

/** Takes HF_ENDPOINT and HF_TOKEN, as the publisher's own tools do. Throws DownloadError for an endpoint that is no URL. */
export function createHub(environment: Record<string, string | undefined>): Hub {
  const endpoint = readEndpoint(environment.HF_ENDPOINT || officialEndpoint);
  const token = environment.HF_TOKEN?.trim();
  return {
    endpoint,
    async get(path, { subject, headers, signal }) {
      const url = endpoint + path;
      // fetch takes the authorization off when it is redirected to another origin.
      const authorization = token ? { authorization: `Bearer ${token}` } : {};
      // Of a compressed body the bytes could be neither counted nor asked for from the middle.
      const whole = { ...headers, ...authorization, "accept-encoding": "identity" };
      let response: Response;
      try {
        response = await fetch(url, { headers: whole, signal });
      } catch (cause) {
        signal.throwIfAborted();
        throw networkFault(cause, new URL(url).host);
      }
      if (response.ok || response.status === 416) return response;
      await response.body?.cancel();
      throw refusal(response, subject, { endpoint, hasToken: Boolean(token) });
    },
  };
}

function readEndpoint(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw new DownloadError(`HF_ENDPOINT must be a URL such as ${officialEndpoint}; it is ${text}`);
  }
  return text.replace(/\/+$/, "");
}
