/** Requests as these programs write them to the socket, recorded from openai 3.22.1, requests 2.34.2 and aiohttp 3.14.3. */

function openaiPython(line: string, own: string): string {
  return `${line} HTTP/1.1
Accept-Encoding: gzip, deflate
Connection: keep-alive
authorization: Bearer sk-none
${own}
user-agent: OpenAI/Python 3.22.1
x-stainless-lang: python
x-stainless-package-version: 3.22.1
x-stainless-os: Linux
x-stainless-arch: x64
x-stainless-runtime: CPython
x-stainless-runtime-version: 3.11.7
x-stainless-async: false`;
}

const attempt = `
x-stainless-retry-count: 0
x-stainless-read-timeout: 600`;

/** The head of `client.audio.speech.create`. */
export const openaiPythonSpeech =
  openaiPython(
    "POST /v1/audio/speech",
    "accept: application/octet-stream\ncontent-type: application/json",
  ) + attempt;

/** The head of `client.audio.speech.with_streaming_response.create`. */
export const openaiPythonStreamedSpeech = openaiPythonSpeech.replace(
  attempt,
  `\nx-stainless-raw-response: stream${attempt}`,
);

/** The head of `client.models.list`. */
export const openaiPythonModels =
  openaiPython("GET /v1/models", "accept: application/json") + attempt;

/** The head of `requests.post(url, json=payload, stream=True)`. */
export const requestsSpeech = `POST /v1/audio/speech HTTP/1.1
User-Agent: python-requests/2.34.2
Accept-Encoding: gzip, deflate
Accept: */*
Connection: keep-alive
Content-Type: application/json`;

/** The head of `requests.get(url)`, without a key. */
export function requestsGet(path: string): string {
  return `GET ${path} HTTP/1.1
User-Agent: python-requests/2.34.2
Accept-Encoding: gzip, deflate
Accept: */*
Connection: keep-alive`;
}

/** The head of `session.post(url, json=payload, headers=...)`, with the headers that Open WebUI gives. */
export const aiohttpSpeech = `POST /v1/audio/speech HTTP/1.1
Content-Type: application/json
Authorization: Bearer sk-none
X-OpenWebUI-User-Name: Ada%20Lovelace
X-OpenWebUI-User-Role: admin
Accept: */*
Accept-Encoding: gzip, deflate
User-Agent: Python/3.11 aiohttp/3.14.3`;
