import { fileName } from "../../shared/formats.ts";
import { apiUrl, type SpeechFields } from "./api.ts";
import { copyText, element } from "./elements.ts";
import { readFields, whenChanged } from "./form.ts";
import { wantsKey } from "./key.ts";

const languages = { curl: "curl", javascript: "JavaScript", python: "Python" } as const;

type SnippetLanguage = keyof typeof languages;

/** Where the programs find the key; none is written into them. */
const keyVariable = "TTS_API_KEY";

const writers: Readonly<Record<SnippetLanguage, (fields: SpeechFields) => string>> = {
  curl: asCurl,
  javascript: asJavaScript,
  python: asPython,
};

/** What OpenAI's Python client has a parameter for. */
const pythonParameters = ["model", "input", "voice", "response_format", "speed", "instructions"];

function asCurl(fields: SpeechFields): string {
  const key = wantsKey() ? ` -H "authorization: Bearer $${keyVariable}"` : "";
  return [
    `curl ${apiUrl}/audio/speech${key} \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '${JSON.stringify(fields).replaceAll("'", `'\\''`)}' \\`,
    `  --fail-with-body --output ${fileName(fields.response_format)}`,
  ].join("\n");
}

function asJavaScript(fields: SpeechFields): string {
  const key = wantsKey() ? `process.env.${keyVariable}` : '"none"';
  const lines = Object.entries(fields).map(
    ([name, value]) => `  ${name}: ${JSON.stringify(value)},`,
  );
  return [
    `import { writeFile } from "node:fs/promises";`,
    `import OpenAI from "openai";`,
    "",
    `const openai = new OpenAI({ baseURL: ${JSON.stringify(apiUrl)}, apiKey: ${key} });`,
    "const speech = await openai.audio.speech.create({",
    ...lines,
    "});",
    `await writeFile("${fileName(fields.response_format)}", Buffer.from(await speech.arrayBuffer()));`,
  ].join("\n");
}

function asPython(fields: SpeechFields): string {
  const entries = Object.entries(fields);
  const known = entries.filter(([name]) => pythonParameters.includes(name));
  const extra = entries.filter(([name]) => !pythonParameters.includes(name));
  // The client insists on a voice, which some models have none of.
  const [first] = typeof fields.input === "string" ? [] : fields.input;
  const needed = JSON.stringify(first?.voice ?? "design");
  const voice = fields.voice === undefined ? [`    voice=${needed},`] : [];
  const body = extra.map(([name, value]) => `"${name}": ${JSON.stringify(value)}`).join(", ");
  return [
    ...(wantsKey() ? ["import os", ""] : []),
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url=${JSON.stringify(apiUrl)}, api_key=${wantsKey() ? `os.environ["${keyVariable}"]` : '"none"'})`,
    "with client.audio.speech.with_streaming_response.create(",
    ...known.map(([name, value]) => `    ${name}=${JSON.stringify(value)},`),
    ...voice,
    ...(body ? [`    extra_body={${body}},`] : []),
    ") as speech:",
    `    speech.stream_to_file("${fileName(fields.response_format)}")`,
  ].join("\n");
}

/** Shows the form's request as a program, and copies it. */
export function showSnippets(): void {
  const code = element("code", HTMLTextAreaElement);
  const copy = element("copy", HTMLButtonElement);
  const choices = document.querySelectorAll<HTMLInputElement>('input[name="snippet"]');
  let language: SnippetLanguage = "curl";
  const text = () => writers[language](readFields());
  const show = () => {
    code.value = text();
    code.rows = code.value.split("\n").length;
    copy.textContent = `Copy as ${languages[language]}`;
  };
  for (const choice of choices) {
    choice.addEventListener("change", () => {
      language = choice.value as SnippetLanguage;
      show();
    });
  }
  copy.addEventListener("click", () => void copyText(text(), copy));
  whenChanged(show);
}
