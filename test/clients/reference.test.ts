import { readFile } from "node:fs/promises";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp as createOriginApp } from "../../origin/http/app.ts";
import { openJobs } from "../../origin/jobs/jobs.ts";
import { createLogger } from "../../origin/log.ts";
import { openVoiceStore } from "../../origin/voices/voice-store.ts";
import { plainCatalogue } from "../../shared/catalogue.ts";
import { allowedMethods } from "../../shared/http/methods.ts";
import { apiVersion } from "../../shared/openapi/document.ts";
import { createTestSpeechServices, type TestSpeechServices } from "../support/speech-services.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string; example?: string }[];
  requestBody?: { content: Record<string, { schema: { $ref?: string; example?: object } }> };
  responses: Record<string, { content: Record<string, { schema: object }> }>;
}

interface Document {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { example?: object }> };
}

const noJobs = { directory: "/nonexistent", maxQueued: 0, maxBytes: 0, ttlSeconds: 0 };
const noVoices = "/nonexistent";

/** Not known to the type checker here, for which a Worker's types are other than Node's. */
const edgeModule: string = "../../edge/app.ts";
const { createApp: createEdgeApp } = (await import(edgeModule)) as { createApp(): Hono };

let system: TestSystem;
let services: TestSpeechServices;

beforeAll(async () => {
  [system, services] = await Promise.all([startSystem(), createTestSpeechServices()]);
});

afterAll(async () => {
  await services.close();
  await system.close();
});

describe.each(["edge", "origin"] as const)("the %s's reference", (program) => {
  const url = () => (program === "edge" ? system.url : system.origin.url);
  const read = async () => (await (await fetch(`${url()}/openapi.json`)).json()) as Document;

  it("is OpenAPI 3.1, of this version", async () => {
    const document = await read();
    const { valid, errors } = await new Validator().validate({ ...document });
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    const { version } = JSON.parse(await readFile("package.json", "utf8"));
    expect([document.info.version, apiVersion]).toEqual([version, version]);
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("has every route with the methods that it takes, and no other", async () => {
    const log = createLogger("silent");
    const settings = { tokens: [], isLocal: true, catalogue: plainCatalogue };
    const app: Hono =
      program === "edge"
        ? createEdgeApp()
        : (createOriginApp(
            services.services,
            openJobs(noJobs, services.services, log),
            openVoiceStore(noVoices, log),
            settings,
            log,
          ) as unknown as Hono);
    // Of each path the last handler is the one that refuses its other methods.
    const served = new Map<string, string[]>();
    for (const { path, method } of app.routes) {
      if (!["GET", "POST", "DELETE"].includes(method) || path === "/*") continue;
      // The page and its files are for people.
      // And what edges ask is for them.
      if (/^\/v1\/audio\/voice_(files|recordings)/.test(path)) continue;
      if (["/", "/docs"].includes(path) || path.startsWith("/assets/")) continue;
      const example = path
        .replaceAll(/:file\{.*\}$/g, `${"0".repeat(64)}.mp3`)
        .replaceAll(/:number\{[^}]*\}\}/g, "1")
        .replaceAll(/:\w+(\{[^}]*\})?/g, "x");
      served.set(example, [...(allowedMethods(app, example) ?? [])]);
    }
    const { paths } = await read();
    const told = Object.entries(paths).map(([path, operations]) => {
      const example = path
        .replace("{file}", `${"0".repeat(64)}.mp3`)
        .replace("{number}", "1")
        .replaceAll(/\{\w+\}/g, "x");
      const methods = Object.keys(operations).map((method) => method.toUpperCase());
      const head = methods.includes("GET") ? ["GET", "HEAD"] : [];
      return [example, [...head, ...methods.filter((m) => m !== "GET"), "OPTIONS"]] as const;
    });
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(served));
  });

  it("has examples that are answered as it says", async () => {
    const document = await read();
    const ajv = validatorOf(document);
    for (const [path, operations] of Object.entries(document.paths)) {
      // Nothing has been kept under its example, and an open server makes no tokens.
      if (path.includes("{file}") || path.endsWith("/tokens")) continue;
      // Nor is there such a job, nor a voice.
      if (/\/jobs\/|\/voice_consents|\/sample\.mp3/.test(path)) continue;
      for (const [method, { parameters = [], requestBody, responses }] of Object.entries(
        operations,
      )) {
        if (path.startsWith("/v1/audio/voices") && method !== "get") continue;
        const { schema } = requestBody?.content["application/json"] ?? {};
        const named = schema?.$ref?.split("/").at(-1) ?? "";
        const body = schema?.example ?? document.components.schemas[named]?.example;
        const filled = parameters.reduce(
          (text, { name, example }) => text.replace(`{${name}}`, example ?? ""),
          path,
        );
        const answer = await fetch(url() + filled, {
          method: method.toUpperCase(),
          ...(body
            ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } }
            : {}),
        });
        if ("101" in responses) {
          expect([filled, answer.status, "426" in responses]).toEqual([filled, 426, true]);
          continue;
        }
        const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
        const [status = ""] = Object.keys(responses);
        expect([filled, answer.status]).toEqual([filled, Number(status)]);
        expect(Object.keys(responses[status]?.content ?? {}), filled).toContain(type);
        if (type !== "application/json") {
          expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(100);
          continue;
        }
        const pointer = `openapi#/paths/${inPointer(path)}/${method}/responses/${status}/content/application~1json/schema`;
        const validate = ajv.getSchema(pointer);
        expect(
          validate?.(await answer.json()),
          `${filled}: ${JSON.stringify(validate?.errors)}`,
        ).toBe(true);
      }
    }
  });

  it("is also told in words, with every name", async () => {
    const text = await (await fetch(`${url()}/llms.txt`)).text();
    for (const name of ["tts-1", "alloy", "Vivian", "mp3", "french", "/v1/audio/speech/base64"]) {
      expect(text).toContain(name);
    }
  });
});

function validatorOf(document: Document): Ajv2020 {
  const ajv = addFormats.default(new Ajv2020({ strict: false, formats: { base64: true } }));
  return ajv.addSchema({ ...document, $id: "openapi" });
}

/** As JSON pointers in URI fragments have it: RFC 6901, section 6. */
function inPointer(path: string): string {
  return encodeURIComponent(path.replaceAll("~", "~0").replaceAll("/", "~1"));
}

describe("what the request's schema says", () => {
  it.each([
    [{ input: "Hi.", speed: 5 }],
    [{ input: "Hi.", response_format: "mp4" }],
    [{ input: "Hi.", sample_rate: 11_025 }],
    [{ input: "Hi.", top_p: 0 }],
    [{ input: "Hi.", seed: 1.5 }],
    [{ input: "" }],
    [{}],
  ])("refuses %j, as the server does", async (body) => {
    const answer = await fetch(`${system.url}/v1/audio/speech`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(400);
    const document = await (await fetch(`${system.url}/openapi.json`)).json();
    const validate = validatorOf(document as Document).getSchema(
      "openapi#/components/schemas/SpeechRequest",
    );
    expect(validate?.(body)).toBe(false);
    expect(validate?.({ input: "Hi.", model: "tts-1", voice: { id: "alloy" }, speed: 2 })).toBe(
      true,
    );
  });
});
