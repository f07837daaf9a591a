import { type AudioFormat, fileName } from "../../../shared/formats.ts";
import { createFileSink } from "./file-sink.ts";
import type { SpeakOptions } from "./options.ts";
import { createPlayerSink } from "./player.ts";
import type { Sink } from "./sink.ts";
import { createStreamSink } from "./stream-sink.ts";
import { userPath } from "./user-path.ts";

/** Opens what the options name: a player, standard output or a file, or a player and one of the others. */
export async function openDestination(
  { out, play }: SpeakOptions,
  format: AudioFormat,
): Promise<Sink> {
  if (!play) return openOutput(out ?? fileName(format), format);
  const player = await createPlayerSink(format);
  if (out === undefined) return player;
  try {
    return both(await openOutput(out, format), player);
  } catch (cause) {
    await player.discard();
    throw cause;
  }
}

async function openOutput(out: string, format: AudioFormat): Promise<Sink> {
  if (out === "-") return createStreamSink(process.stdout, "standard output");
  const file = await createFileSink(userPath(out), format);
  return { ...file, name: out };
}

/** The second takes what the first has taken, and is finished and discarded after it. */
function both(first: Sink, second: Sink): Sink {
  return {
    name: `${first.name} and ${second.name}`,
    async write(bytes) {
      await first.write(bytes);
      await second.write(bytes);
    },
    async finish(length) {
      await first.finish(length);
      await second.finish(length);
    },
    async discard() {
      await first.discard();
      await second.discard();
    },
  };
}
