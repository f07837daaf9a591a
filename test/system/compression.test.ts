import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { base64AnswerSchema } from "../../shared/answers.ts";
import { receive, send } from "../support/sockets.ts";
import { hello } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem();
});

afterAll(() => system.close());

async function ask(url: string, encodings: string | undefined) {
  const sent = send(`${url}/v1/audio/speech/base64`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(encodings === undefined ? {} : { "accept-encoding": encodings }),
    },
    body: JSON.stringify({ ...hello, response_format: "wav" }),
  });
  return receive(await sent.head);
}

it.each(["edge", "origin"] as const)(
  "the %s compresses base64 for clients that take gzip, and for no other",
  async (program) => {
    const url = program === "edge" ? system.url : system.origin.url;
    const plain = await ask(url, undefined);
    const identity = await ask(url, "identity, gzip;q=0");
    const packed = await ask(url, "gzip, deflate");

    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(identity.headers["content-encoding"]).toBeUndefined();
    expect(packed.headers["content-encoding"]).toBe("gzip");
    expect(packed.headers.vary?.toLowerCase()).toContain("accept-encoding");
    expect(packed.body.byteLength).toBeLessThan(plain.body.byteLength);
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
    base64AnswerSchema.parse(JSON.parse(plain.body.toString()));
  },
);
