import { readdirSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decode, hasFfmpeg, withFfmpeg } from "../support/ffmpeg.ts";
import { loudness } from "../support/hearing.ts";
import { sendRaw } from "../support/raw-request.ts";
import { aiohttpSpeech, openaiPythonStreamedSpeech } from "../support/recorded-requests.ts";
import { missingPrograms, runShell } from "../support/shell.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

const folder = "edge/recipes";
const samples = ["-f", "s16le", "-ar", "24000"];

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem();
});

afterAll(() => system.close());

/** Of what axios and fetch send by themselves only what matters here. Bodies have the fields and the order of the programs. */
const axiosSpeech = `POST /v1/audio/speech HTTP/1.1
Accept: application/json, text/plain, */*
Content-Type: application/json
Authorization: Bearer sk-none`;
const fetchSpeech = axiosSpeech.replace("application/json, text/plain, */*", "*/*");
/** By urllib, which closes its connections. */
const homeAssistantSpeech = `POST /v1/audio/speech HTTP/1.1
Accept-Encoding: identity
Content-Type: application/json
User-Agent: HomeAssistant-OpenAI-TTS
Authorization: Bearer sk-none
Connection: close`;
/** Of openai for Node, which `openai-node.test.ts` runs, the head of `client.audio.speech.create`. */
const openaiNodeSpeech = axiosSpeech.replace(
  "application/json, text/plain, */*",
  "application/octet-stream",
);

// Read in the sources of Vercel AI SDK (@ai-sdk/openai 4.0.118, src/speech/openai-speech-model.ts), TanStack AI
// (@tanstack/ai-openai 0.23.1, src/adapters/tts.ts), LiveKit for Node (@livekit/agents-plugin-openai 1.9.0, src/tts.ts), n8n
// (@n8n/n8n-nodes-langchain 2.41.1, dist/nodes/vendors/OpenAi/v2/actions/audio/generate.operation.js, without n8n's HTTP client), and in
// stored sources, each the newest of those that were looked at: LiveKit for Python at 3f44e88, Pipecat at 03641b0 (2025), LibreChat
// at 00b3bc3 (a fork's), openai_tts at 917b282.
describe.skipIf(!hasFfmpeg)(withFfmpeg("speaks to"), () => {
  it.each([
    [
      "Vercel AI SDK",
      fetchSpeech,
      '{"model":"tts-1","input":"Hello there.","voice":"alloy","response_format":"opus","speed":1}',
      "audio/opus",
      [],
    ],
    [
      "TanStack AI",
      openaiNodeSpeech,
      '{"model":"tts-1","input":"Hello there.","voice":"nova","response_format":"mp3","speed":1.1}',
      "audio/mpeg",
      [],
    ],
    [
      "LiveKit for Node",
      openaiNodeSpeech,
      '{"input":"Hello there.","model":"tts-1","voice":"alloy","response_format":"pcm","speed":1}',
      "audio/pcm",
      samples,
    ],
    [
      "n8n's OpenAI node",
      axiosSpeech,
      '{"model":"tts-1","input":"Hello there.","voice":"onyx","response_format":"flac","speed":1}',
      "audio/flac",
      [],
    ],
    [
      "LibreChat",
      axiosSpeech,
      '{"input":"Hello there.","model":"tts-1","voice":"nova","backend":"piper"}',
      "audio/mpeg",
      [],
    ],
    [
      "LiveKit for Python",
      openaiPythonStreamedSpeech,
      '{"input":"Hello there.","model":"gpt-4o-mini-tts","voice":"ash","response_format":"mp3","speed":1.0}',
      "audio/mpeg",
      [],
    ],
    [
      "Pipecat",
      openaiPythonStreamedSpeech,
      '{"input":"Hello there.","model":"gpt-4o-mini-tts","voice":"verse","instructions":"Softly.","response_format":"pcm","speed":1.1}',
      "audio/pcm",
      samples,
    ],
    [
      "openai_tts",
      homeAssistantSpeech,
      '{"model": "tts-1", "input": "Hello there.", "voice": "shimmer", "response_format": "mp3", "speed": 1.0}',
      "audio/mpeg",
      [],
    ],
    [
      "openai_tts as it streams, with an extra payload",
      aiohttpSpeech
        .replaceAll(/^X-OpenWebUI.*\n/gm, "")
        .replace(/^User-Agent: .*$/m, "User-Agent: HomeAssistant-OpenAI-TTS"),
      '{"model": "gpt-4o-mini-tts", "input": "Hello there.", "voice": "shimmer", "response_format": "opus", "speed": 1.0, "instructions": "Softly.", "seed": 7}',
      "audio/opus",
      [],
    ],
  ])("%s", async (_name, head, body, type, format) => {
    const answer = await sendRaw(system.url, head, body);
    expect(answer.status, answer.body.toString("latin1").slice(0, 300)).toBe(200);
    expect(answer.headers.get("content-type")?.split(";")[0]).toBe(type);
    expect(loudness((await decode(answer.body, format)).pcm)).toBeGreaterThan(0.02);
  });
});

const missing = missingPrograms("curl", ...(hasFfmpeg ? [] : ["ffmpeg"]));
const skipped = missing.length > 0 ? ` (skipped: no ${missing.join(", ")} on the PATH)` : "";

describe.skipIf(missing.length > 0)(`the commands of a page leave sound${skipped}`, () => {
  const blocks = readdirSync(folder).flatMap((page) => {
    const text = readFileSync(`${folder}/${page}`, "utf8");
    const found = text.matchAll(/^```(sh|js)\n(.*?)^```$/gms);
    return Array.from(found, ([, language = "", block = ""]) => ({ page, language, block }));
  });

  it("there are some", () => expect(blocks.length).toBeGreaterThanOrEqual(4));

  it.each(blocks)("$page", async ({ language, block }) => {
    const here = block
      .replaceAll("http://localhost:8787", system.url)
      // The shell's folder has no packages.
      .replace('from "openai"', `from ${JSON.stringify(import.meta.resolve("openai"))}`);
    const command = language === "js" ? `node --input-type=module <<'END'\n${here}END` : here;
    const { files } = await runShell(command);
    const [[name = "", bytes = Buffer.of()] = []] = [...files].filter(([file]) =>
      /^speech\./.test(file),
    );
    const format = name.endsWith(".ulaw") ? ["-f", "mulaw", "-ar", "8000"] : [];
    expect(loudness((await decode(bytes, format)).pcm)).toBeGreaterThan(0.02);
  });
});

it("every page is in the index", async () => {
  const index = await readFile(`${folder}/README.md`, "utf8");
  const linked = [...index.matchAll(/\]\((.+?\.md)\)/g)].map(([, page]) => page);
  const pages = (await readdir(folder)).filter((page) => page !== "README.md");
  expect(linked.toSorted()).toEqual(pages.toSorted());
});
