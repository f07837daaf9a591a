import type { BodyDigest } from "../shared/frames/read-frames.ts";
import { toHex } from "../shared/identity.ts";

/** SHA-256 piece by piece on workerd's own DigestStream. */
export function createBodyDigest(): BodyDigest {
  const stream = new crypto.DigestStream("SHA-256");
  const writer = stream.getWriter();
  return {
    update: (bytes) => writer.write(bytes),
    async hex() {
      await writer.close();
      return toHex(await stream.digest);
    },
  };
}
