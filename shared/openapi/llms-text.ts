import { modelNames, voiceNames } from "../catalogue.ts";
import { formatNames } from "../formats.ts";
import { languages } from "../languages.ts";
import type { Described } from "./document.ts";
import { operations } from "./operations.ts";
import { type JsonSchema, requestJsonSchema } from "./request-schema.ts";

/** What this deployment answers to, in Markdown for language models (https://llmstxt.org). */
export function llmsText({ program, catalogue }: Described): string {
  const here = operations.filter(({ only }) => only === undefined || only === program);
  const fields = requestJsonSchema(catalogue).properties as Record<string, JsonSchema>;
  return `# Qwen3-TTS speech

> OpenAI's speech API, spoken by Qwen3-TTS: point an OpenAI SDK's base URL at this server's \`/v1\`.
> \`/openapi.json\` has every field and answer.

## Speak

    curl <this server>/v1/audio/speech -H "content-type: application/json" \\
      -d '{"model": "tts-1", "voice": "alloy", "input": "Hello, world!"}' --output hello.mp3

With a key, where the server asks for one: \`-H "authorization: Bearer <key>"\`.

* Models: ${modelNames(catalogue).join(", ")}
* Voices: ${voiceNames(catalogue).join(", ")}
* Formats: ${formatNames.join(", ")}
* Languages: ${languages.join(", ")}

## Fields

${Object.entries(fields)
  .map(([name, { description }]) => `* \`${name}\`: ${description}`)
  .join("\n")}

## Routes

${here.map(({ method, path, summary }) => `* \`${method.toUpperCase()} ${path}\`: ${summary}`).join("\n")}

## Errors

\`{"error": {"message", "type", "param", "code"}, "detail"}\`: \`param\` names the field, \`message\` its rule. A connection
that is reset before the end of a file means that the speech failed.
`;
}
