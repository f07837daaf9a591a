import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below those that systems give out by themselves, so that nobody is given it before it is used. */
const [first, last] = [20_000, 32_000];

/** A port of this machine that was free a moment ago. */
export async function unusedPort(): Promise<number> {
  for (;;) {
    const port = randomInt(first, last);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    return port;
  }
}
