import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHub } from "../../../origin/download/hub.ts";
import { findCommit, listFiles } from "../../../origin/download/list-files.ts";
import { openFile } from "../../../origin/download/open-file.ts";
import { hubCommit, startHub, type TestHub } from "../../support/hub.ts";

const id = "team/model";
const path = "model.safetensors";
const files = Object.fromEntries(
  [path, "config.json", "README.md"].map((name) => [name, Buffer.from(name)]),
);
const { signal } = new AbortController();

let server: TestHub;

beforeEach(async () => {
  server = await startHub(id, files, { pageSize: 2 });
});

afterEach(() => server.close());

const connect = (token?: string) => createHub({ HF_ENDPOINT: `${server.url}/`, HF_TOKEN: token });

function commitOf(revision: string, { repository = id, token = "" } = {}): Promise<string> {
  return findCommit(connect(token), { id: repository, revision }, signal);
}

it("finds the commit of a branch, and knows a commit by itself", async () => {
  expect(await commitOf("main")).toBe(hubCommit);
  expect(server.requests.map(({ url }) => url)).toEqual([`/api/models/${id}/revision/main`]);
  const other = "f".repeat(40);
  expect(await commitOf(other)).toBe(other);
  expect(server.requests).toHaveLength(1);
});

it("lists files of several pages with their digests, without leaving the hub it was told", async () => {
  expect(await listFiles(connect("hf_secret"), { id, commit: hubCommit }, signal)).toEqual([
    {
      path,
      bytes: 17,
      digest: "sha256:9d75c1098fc54a1f7bd270f148884f599765d894639c9c4ee891396968c60df2",
    },
    { path: "config.json", bytes: 11, digest: "git-sha1:0cffcb348ff9cec9cd41492a9e5c5a41d86ce96e" },
    { path: "README.md", bytes: 9, digest: "git-sha1:42061c01a1c70097d1e4579f29a5adf40abdec95" },
  ]);
  expect(server.requests.map(({ url }) => url.split("?")[1])).toEqual([
    "recursive=true",
    "cursor=2",
  ]);
});

it("shows its token to the hub and not to where that sends it, and wants bytes as they are", async () => {
  const request = { id, commit: hubCommit, path, offset: 0, etag: undefined };
  const { body } = await openFile(connect(" hf_secret\n"), request, signal);
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  expect(Buffer.concat(parts).toString()).toBe(path);
  const seen = server.requests.map(({ headers, ...request }) => [
    request.server,
    headers.authorization,
    headers["accept-encoding"],
  ]);
  expect(seen).toEqual([
    ["hub", "Bearer hf_secret", "identity"],
    ["storage", undefined, "identity"],
  ]);
});

describe("says what an answer means", () => {
  it("to a revision there is not", async () => {
    await expect(commitOf("v/2")).rejects.toThrow(`${id} has no revision v/2`);
    expect(server.requests[0]?.url).toBe(`/api/models/${id}/revision/v%2F2`);
  });

  it("to a repository there is not", async () => {
    await expect(commitOf("main", { repository: "team/none" })).rejects.toThrow(
      `There is no repository team/none at ${server.url}`,
    );
  });

  it("to a file there is not", async () => {
    const request = { id, commit: hubCommit, path: "vocab.json", offset: 0, etag: undefined };
    await expect(openFile(connect(), request, signal)).rejects.toThrow(
      `${id} has no file vocab.json at revision ${hubCommit}`,
    );
  });

  interface Answer {
    status: number;
    headers?: Record<string, string>;
    /** What is asked with. */
    token?: string;
  }

  it.each<[Answer, string]>([
    [
      { status: 401 },
      "team/model does not exist or is private (HOST answered 401): check the name, and set HF_TOKEN where it is private",
    ],
    [
      { status: 401, token: "hf_x", headers: { "x-error-message": "Invalid token" } },
      "HF_TOKEN does not open team/model (HOST answered 401: Invalid token): the token is wrong, or has no right to read it, or there is no such repository",
    ],
    [
      { status: 403, token: "hf_x", headers: { "x-error-code": "GatedRepo" } },
      "team/model is gated: accept its terms at http://HOST/team/model and set HF_TOKEN to a token of that account",
    ],
    [{ status: 404 }, "There is no repository team/model with a revision main at http://HOST"],
    [{ status: 418 }, "HOST answered 418 to http://HOST/api/models/team/model/revision/main"],
    [{ status: 503 }, "HOST answered 503"],
    [
      { status: 200 },
      "HOST does not answer as a Hugging Face hub does: is HF_ENDPOINT right, or does a proxy answer in its place?",
    ],
  ])("%j", async ({ status, headers, token = "" }, message) => {
    server.refuse((_request, response) => response.writeHead(status, headers).end("<html>"));
    const { host } = new URL(server.url);
    await expect(commitOf("main", { token })).rejects.toHaveProperty(
      "message",
      message.replaceAll("HOST", host),
    );
  });
});

it("says when there is no server", async () => {
  await server.close();
  const { host } = new URL(server.url);
  const advice = "Is there a way to it from here? HF_ENDPOINT names a mirror";
  await expect(commitOf("main")).rejects.toMatchObject({
    message: `${host} cannot be reached (ECONNREFUSED)`,
    advice,
  });
  server = await startHub(id, files);
  const nowhere = createHub({ HF_ENDPOINT: "http://hub.invalid" });
  await expect(findCommit(nowhere, { id, revision: "main" }, signal)).rejects.toMatchObject({
    message: expect.stringMatching(/^hub\.invalid cannot be found \((ENOTFOUND|EAI_AGAIN)\)$/),
    advice,
  });
});

it.each(["huggingface.co", "ftp://huggingface.co", "http://"])("refuses HF_ENDPOINT %s", (text) => {
  expect(() => createHub({ HF_ENDPOINT: text })).toThrow(
    `HF_ENDPOINT must be a URL such as https://huggingface.co; it is ${text}`,
  );
});
