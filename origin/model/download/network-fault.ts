import { TransientFault } from "./download-error.ts";

const mirrorAdvice = "is there a way to it from here? HF_ENDPOINT names a mirror";

/** What went wrong on the way to `host`, in words, from what fetch throws. */
export function networkFault(failure: unknown, host: string): TransientFault {
  if (failure instanceof TransientFault) return failure;
  const cause = (failure instanceof Error && failure.cause) || failure;
  const { code, hostname = host } = cause as NodeJS.ErrnoException & { hostname?: string };
  const message = cause instanceof Error ? cause.message : String(cause);
  return new TransientFault(describe(code, hostname, message), { cause: failure });
}

function describe(code: string | undefined, host: string, message: string): string {
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${host} cannot be found (${code}): ${mirrorAdvice}`;
    case "ECONNREFUSED":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ETIMEDOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
      return `${host} cannot be reached (${code}): ${mirrorAdvice}`;
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
      return `the connection to ${host} broke`;
    default:
      return `the connection to ${host} failed: ${message}${code ? ` (${code})` : ""}`;
  }
}
