import { TransientFault } from "./download-error.ts";

const advice = "Is there a way to it from here? HF_ENDPOINT names a mirror";

/** What went wrong on the way to `host`, in words, from what fetch throws. */
export function networkFault(failure: unknown, host: string): TransientFault {
  const cause = (failure instanceof Error && failure.cause) || failure;
  const { code, hostname = host } = cause as NodeJS.ErrnoException & { hostname?: string };
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new TransientFault(`${hostname} cannot be found (${code})`, { cause, advice });
    case "ECONNREFUSED":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ETIMEDOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
      return new TransientFault(`${hostname} cannot be reached (${code})`, { cause, advice });
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
      return new TransientFault(`the connection to ${hostname} broke`, { cause });
    default:
      return new TransientFault(`the connection to ${hostname} failed: ${describe(cause)}`, {
        cause,
      });
  }
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code, message } = cause as NodeJS.ErrnoException;
  return code ? `${message} (${code})` : message;
}
