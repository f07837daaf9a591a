import { expect, it } from "vitest";
import { speechStreamEventSchema } from "../../shared/answers.ts";
import { serverError } from "../../shared/api-error.ts";
import type { SpeechFrame } from "../../shared/frames/frame.ts";
import { renderAudio } from "../../shared/render/audio.ts";
import { renderSse } from "../../shared/render/sse.ts";
import { wavHeader } from "../../shared/wav-header.ts";
import { endOf } from "../support/speech-end.ts";

const packets = [wavHeader(24_000), Uint8Array.of(1, 0, 2, 0), Uint8Array.of(3, 0)];

async function* speech(failure?: Error): AsyncGenerator<SpeechFrame, void> {
  for (const bytes of packets) yield { kind: "audio", bytes };
  if (failure) throw failure;
  const end = endOf(Buffer.concat(packets));
  yield { kind: "end", end: { ...end, samples: 36_012, frames: 19, input_tokens: 5 } };
}

async function textOf(parts: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all).toString("utf8");
}

function eventsOf(text: string) {
  return text
    .trimEnd()
    .split("\n\n")
    .map((event) => {
      const lines = event.split("\n").map((line) => line.split(/: (.*)/s));
      const fields = Object.fromEntries(lines) as { event?: string; data: string };
      return { name: fields.event, data: JSON.parse(fields.data) };
    });
}

it("renders the bare file as the encoder made it", async () => {
  const parts: Uint8Array[] = [];
  for await (const part of renderAudio(speech())) parts.push(part);
  expect(parts).toEqual(packets);
});

it("renders one delta per packet and a done event with usage", async () => {
  const events = eventsOf(await textOf(renderSse(speech())));
  const parsed = events.map(({ data }) => speechStreamEventSchema.parse(data));
  const audio = parsed.flatMap((event) =>
    event.type === "speech.audio.delta" ? [Buffer.from(event.audio, "base64")] : [],
  );
  expect(audio).toEqual(packets.map((packet) => Buffer.from(packet)));
  expect(parsed.at(-1)).toEqual({
    type: "speech.audio.done",
    usage: { input_tokens: 5, output_tokens: 19, total_tokens: 24 },
  });
});

it("renders a failure as an error event in place of the done event", async () => {
  const events = eventsOf(await textOf(renderSse(speech(serverError("The voice cracked.")))));
  expect(events.map(({ name }) => name)).toEqual([undefined, undefined, undefined, "error"]);
  expect(events.at(-1)?.data).toEqual({
    type: "speech.audio.error",
    error: {
      message: "The voice cracked.",
      type: "server_error",
      param: null,
      code: "server_error",
    },
  });
});
