import type { Writable } from "node:stream";
import type { Sink } from "./sink.ts";

/** A pipe to another program, which stays open at the end. Writing fails when that program has gone. */
export function createStreamSink(stream: Writable, name: string): Sink {
  // A failure is the write's to report.
  stream.on("error", () => {});
  return {
    name,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (cause) => {
          if (cause) reject(new Error(`${name} took no more of the speech`, { cause }));
          else resolve();
        });
      }),
    finish: async () => {},
    discard: async () => {},
  };
}
