import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createLogger } from "../../../origin/log.ts";
import { answerSpeech, type SpeechAnswer } from "../../../origin/speech/answer.ts";
import { byteStream } from "../../../shared/byte-stream.ts";
import { writeFrames } from "../../../shared/frames/write-frames.ts";
import { renderAudio } from "../../../shared/render/audio.ts";
import { renderSse } from "../../../shared/render/sse.ts";
import { speechRequestSchema } from "../../../shared/speech-request.ts";
import { failureOf } from "../../support/listening.ts";
import { hello } from "../../support/speech.ts";
import {
  createTestSpeechServices,
  type TestSpeechServices,
} from "../../support/speech-services.ts";

const log = createLogger("silent");
const renderings = { renderAudio, renderSse, writeFrames };

let lent: TestSpeechServices;

beforeAll(async () => {
  lent = await createTestSpeechServices();
});

afterAll(() => lent.close());

function answer(format: string, stop: AbortController): Promise<SpeechAnswer> {
  const fields = { ...hello, response_format: format, input: "One, two, three. ".repeat(4) };
  const request = speechRequestSchema.parse(fields);
  return answerSpeech({ request, newTake: false }, lent.services, log, stop.signal);
}

async function expectAllBack(when: string): Promise<void> {
  await expect.poll(() => lent.inUse(), { message: when }).toEqual({ slots: 0, leases: 0 });
}

it.each(["pcm", "mp3", "aac"])(
  "gives everything back when %s is stopped at any turn",
  async (format) => {
    let answered = 0;
    for (let turns = 0; answered < 3; turns = Math.ceil(turns * 1.3 + 1)) {
      const stop = new AbortController();
      const answering = answer(format, stop);
      let isSettled = false;
      answering.then(
        () => (isSettled = true),
        () => (isSettled = true),
      );
      for (let turn = 0; turn < turns && !isSettled; turn++) await nextTurn();
      if (isSettled) answered++;
      stop.abort(new Error("too late"));
      // One that had begun to be encoded may still be, but whoever asked has been told that there is none.
      if (!isSettled) expect(await failureOf(answering)).toEqual(new Error("too late"));
      await expectAllBack(`${format} stopped after ${turns} turns`);
    }
  },
);

it.each(Object.entries(renderings))(
  "gives everything back when %s is left unread",
  async (_, render) => {
    const stop = new AbortController();
    await render((await answer("pcm", stop)).speech).return();
    await expectAllBack("returned");
    await byteStream(render((await answer("pcm", stop)).speech), stop).cancel("left");
    await expectAllBack("cancelled");
  },
);

it("gives everything back with the end, whether or not that is read", async () => {
  const { speech } = await answer("pcm", new AbortController());
  for await (const frame of speech) {
    if (frame.kind !== "end") continue;
    expect(lent.inUse()).toEqual({ slots: 0, leases: 0 });
    return;
  }
  expect.unreachable("there is no end");
});

it("cuts a body off when its answer is stopped, rather than ending it", async () => {
  const stop = new AbortController();
  const reader = byteStream(renderAudio((await answer("pcm", stop)).speech), stop).getReader();
  await reader.read();
  stop.abort(new Error("enough"));
  const readOn = async () => {
    while (!(await reader.read()).done);
  };
  expect(await failureOf(readOn())).toEqual(new Error("enough"));
  await expectAllBack("stopped midway");
});

it("gives everything back when somebody leaves before there is an engine for them", async () => {
  const stop = new AbortController();
  const answering = answer("pcm", stop);
  stop.abort(new Error("left"));
  expect(await failureOf(answering)).toEqual(new Error("left"));
  await expectAllBack("left");
});
