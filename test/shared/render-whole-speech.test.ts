import { expect, it } from "vitest";
import { serverError } from "../../shared/api-error.ts";
import type { SpeechFrame } from "../../shared/frames/frame.ts";
import { BrokenFramesError } from "../../shared/frames/read-frames.ts";
import { createKeptBytes } from "../../shared/kept-bytes.ts";
import { holdUntilWhole, type WholeSpeech } from "../../shared/render/whole-speech.ts";
import { wavHeader } from "../../shared/wav-header.ts";
import { noise } from "../support/frames-origin-behaviours.ts";
import { failureOf } from "../support/listening.ts";
import { endOf } from "../support/speech-end.ts";

const mib = 1024 * 1024;
const long = noise(3 * mib + 1);
const packetBytes = 64 * 1024;

/** A speech of that audio, and whether it has been let go of. */
function spoken(audio: Uint8Array<ArrayBuffer>, failure?: Error | null) {
  const heard = { bytes: 0, left: false };
  async function* speak(): AsyncGenerator<SpeechFrame, void> {
    try {
      for (let at = 0; at < audio.byteLength; at += packetBytes) {
        const bytes = audio.slice(at, at + packetBytes);
        heard.bytes += bytes.byteLength;
        yield { kind: "audio", bytes };
      }
      if (failure) throw failure;
      if (failure !== null) yield { kind: "end", end: endOf(audio) };
    } finally {
      heard.left = true;
    }
  }
  return { heard, speech: speak() };
}

function createRoom({ maxBytes = 8 * mib, limitBytes = 8 * mib } = {}) {
  return { maxBytes, kept: createKeptBytes(limitBytes) };
}

async function read({ speech }: WholeSpeech): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let last: string | undefined;
  for await (const frame of speech) {
    if (frame.kind === "audio") parts.push(frame.bytes);
    last = frame.kind;
  }
  expect(last).toBe("end");
  return Buffer.concat(parts);
}

it("holds a speech until its end, counts what it holds, and gives it back as it is read", async () => {
  const room = createRoom();
  const { heard, speech } = spoken(long);
  const whole = await holdUntilWhole(speech, "mp3", room);
  expect(whole.end.bytes).toBe(long.byteLength);
  expect(heard).toEqual({ bytes: long.byteLength, left: true });
  expect(room.kept.total).toBe(long.byteLength);
  await whole.speech.next();
  expect(room.kept.total).toBeLessThan(long.byteLength);
  await whole.speech.return();
  expect(room.kept.total).toBe(0);

  const again = await holdUntilWhole(spoken(long).speech, "mp3", room);
  expect((await read(again)).equals(long)).toBe(true);
  expect(room.kept.total).toBe(0);
});

it("gives back what a reader who leaves before the beginning has not read", async () => {
  const room = createRoom();
  const { speech } = await holdUntilWhole(spoken(long).speech, "mp3", room);
  await speech.return();
  expect(room.kept.total).toBe(0);
});

it("says how long the file is in its header", async () => {
  const wav = Uint8Array.from([...wavHeader(24_000), ...noise(mib)]);
  const file = await read(await holdUntilWhole(spoken(wav).speech, "wav", createRoom()));
  expect(file.readUInt32LE(4)).toBe(file.byteLength - 8);
  expect(file.readUInt32LE(40)).toBe(mib);
  expect(file.subarray(44).equals(wav.subarray(44))).toBe(true);
});

it("throws what the speech fails with, however late", async () => {
  const failure = serverError("The voice cracked.");
  for (const [given, told] of [
    [failure, failure],
    [null, expect.any(BrokenFramesError)],
  ] as const) {
    const room = createRoom();
    const { heard, speech } = spoken(long, given);
    expect(await failureOf(holdUntilWhole(speech, "mp3", room))).toEqual(told);
    expect({ left: heard.left, held: room.kept.total }).toEqual({ left: true, held: 0 });
  }
});

it("refuses a file as soon as it is too large, naming the field and the limit", async () => {
  const exact = createRoom({ maxBytes: long.byteLength });
  expect((await holdUntilWhole(spoken(long).speech, "mp3", exact)).end.bytes).toBe(long.byteLength);

  const room = createRoom({ maxBytes: mib });
  const { heard, speech } = spoken(long);
  expect(await failureOf(holdUntilWhole(speech, "mp3", room))).toMatchObject({
    status: 400,
    code: "file_too_large",
    param: "stream",
    message: `stream must be true or left out for a file of more than ${mib} bytes, which is not held until it is whole; this one has more`,
  });
  expect(heard.bytes).toBe(mib + packetBytes);
  await expect.poll(() => heard.left).toBe(true);
  expect(room.kept.total).toBe(0);
});

const noRoom = {
  status: 503,
  code: "server_is_overloaded",
  headers: expect.objectContaining({ "retry-after": "5" }),
};

it("is refused when it takes the most of a memory that has no more", async () => {
  const room = createRoom({ limitBytes: 4 * mib });
  const first = await holdUntilWhole(spoken(noise(mib)).speech, "mp3", room);
  expect(await failureOf(holdUntilWhole(spoken(noise(5 * mib)).speech, "mp3", room))).toMatchObject(
    noRoom,
  );
  expect((await read(first)).byteLength).toBe(mib);
  expect(room.kept.total).toBe(0);
});

it("is refused at once when others need its room while nothing comes", async () => {
  const room = createRoom({ limitBytes: 4 * mib });
  async function* stuck(): AsyncGenerator<SpeechFrame, void> {
    yield { kind: "audio", bytes: noise(2 * mib) };
    await new Promise(() => {});
  }
  const held = failureOf(holdUntilWhole(stuck(), "mp3", room));
  await expect.poll(() => room.kept.total).toBe(2 * mib);
  room.kept.open().add(3 * mib);
  expect(await held).toMatchObject(noRoom);
  expect(room.kept.total).toBe(3 * mib);
});

it("breaks off when others need its room while it is being read", async () => {
  const room = createRoom({ limitBytes: 4 * mib });
  const { speech } = await holdUntilWhole(spoken(long).speech, "mp3", room);
  await speech.next();
  room.kept.open().add(3 * mib);
  expect(await failureOf(speech.next())).toMatchObject(noRoom);
  expect(room.kept.total).toBe(3 * mib);
});
