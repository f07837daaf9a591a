import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Finding } from "../../../origin/cli/doctor/finding.ts";
import type { Origin } from "../../../origin/http/server.ts";
import { type TemporaryModels, temporaryModels } from "../../support/packs.ts";
import { runProgram } from "../../support/run-program.ts";
import { startTestOrigin } from "../../support/system.ts";
import { unusedPort } from "../../support/unused-port.ts";

const token = "only-for-this-test";
const empty = mkdtempSync(join(tmpdir(), "doctor-test-"));

let origin: Origin;
let models: TemporaryModels;
let edgePort: string;

beforeAll(async () => {
  models = temporaryModels();
  [origin] = await Promise.all([
    startTestOrigin({ ENGINE: "builtin", ORIGIN_TOKEN: token }),
    models.build("0.6b-custom-voice", "float16"),
  ]);
  edgePort = String(await unusedPort());
});

afterAll(async () => {
  await origin.close();
  models.remove();
  rmSync(empty, { recursive: true });
});

async function doctor(environment: Record<string, string>, ...options: string[]) {
  const ports = { EDGE_PORT: edgePort, ORIGIN_PORT: new URL(origin.url).port };
  const { code, stdout, stderr } = await runProgram("origin/cli/doctor.ts", {
    arguments: options,
    environment: {
      ...ports,
      ORIGIN_URLS: origin.url,
      ORIGIN_TOKEN: token,
      MODELS_DIR: empty,
      ...environment,
    },
  }).finished;
  return { code, text: stdout.toString(), stderr };
}

it("finds a machine without models good enough to start on, and says what else to do", async () => {
  const { code, text } = await doctor({});
  expect(code).toBe(0);
  expect(text).toMatch(/^ok {4}node +v/m);
  expect(text).toMatch(/^ok {4}settings +as they should be$/m);
  expect(text).toMatch(
    /^(ok {2}|note) {2}processor .*; \d+ are worth using, \d\.\d times as fast as one/m,
  );
  expect(text).toMatch(/^note {2}model +no model .* → npm run model -- pull 0\.6b-custom-voice$/m);
  expect(text).toMatch(/^ok {4}edge +port \d+ is free$/m);
  expect(text).toMatch(/^ok {4}origin +runs on port \d+$/m);
  expect(text).toMatch(/^ok {4}reach +http:\S+ takes the token and is ready$/m);
  expect(text).toMatch(/^ok {4}clock +agrees with the origin's$/m);
});

it("finds what stands in the way of speech, and leaves with 1", async () => {
  const refused = await doctor({ ORIGIN_TOKEN: "another", ENGINE: "qwen3" });
  expect(refused.code).toBe(1);
  expect(refused.text).toMatch(/^BAD {3}reach .* refuses the token → /m);
  expect(refused.text).toMatch(/^BAD {3}model +no model that can speak/m);

  const settings = await doctor({ MODEL_ALIASES: "{" });
  expect(settings.code).toBe(1);
  expect(settings.text).toMatch(/^BAD {3}settings +MODEL_ALIASES/m);
  expect(settings.text).not.toContain("processor");
});

it("knows packs that do not suit the device, and ports that others have", async () => {
  const other = createServer((_, answer) => answer.end("something else")).listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const { text } = await doctor({ MODELS_DIR: models.directory, EDGE_PORT: String(port) });
  other.close();
  expect(text).toMatch(
    /^note {2}pack +\S+ in float16 is slow on cpu → npm run model -- pull \S+ --precision int8$/m,
  );
  expect(text).toMatch(/^note {2}edge +port \d+ is taken by another program → EDGE_PORT=\d+$/m);
});

it("tells the same for a report, without secrets and the path of a home", async () => {
  const { text } = await doctor({ MODELS_DIR: join(homedir(), "nowhere") }, "--json");
  const { machine, findings } = JSON.parse(text) as { machine: object; findings: Finding[] };
  expect(machine).toHaveProperty("processor");
  expect(findings.map(({ check }) => check)).toContain("reach");
  expect(text).toContain("~/nowhere");
  expect(text).not.toContain(homedir());
  expect(text).not.toContain(token);
});
