import { once } from "node:events";
import { createServer } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openNamespace } from "../../origin/cli/kv-namespace.ts";
import { base64AnswerSchema } from "../../shared/answers.ts";
import { descendantsOf, isRunning, openDescriptors } from "../support/child-processes.ts";
import { type RunningProcess, runProgram, runScript } from "../support/run-program.ts";
import { receive, send } from "../support/sockets.ts";
import { hello, pangrams, postSpeech } from "../support/speech.ts";
import { unusedPort } from "../support/unused-port.ts";

const hasProc = process.platform === "linux";
const noProc = "processes are looked at in /proc";

const running: RunningProcess[] = [];

function start(environment: Record<string, string>, file = "origin/cli/start.ts"): RunningProcess {
  const program = runProgram(file, { environment, ownGroup: true });
  running.push(program);
  return program;
}

afterEach(async () => {
  for (const { child, exited } of running.splice(0)) {
    child.kill("SIGKILL");
    await exited;
  }
});

async function refuses(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    () => false,
    () => true,
  );
}

describe("npm start", () => {
  it("serves edge and origin, keeps what was spoken where wrangler finds it, and finishes its answers on Ctrl-C", async () => {
    const [edgePort, originPort] = [await unusedPort(), await unusedPort()];
    const program = start({
      EDGE_PORT: String(edgePort),
      ORIGIN_PORT: String(originPort),
      BUILTIN_PACE: "2",
    });
    const lines =
      /^edge +http:\/\/localhost:\d+ .*\norigin http:\/\/127\.0\.0\.1:\d+ .*engine: builtin/m;
    await program.until(lines);
    expect(program.output()).toMatch(/^Starting the edge on http:\S+ and the origin on \S+\.\n/);

    // The checkout's own state outlives the test: of an older text, an earlier run's file would be found.
    const text = { input: `It is ${Date.now()}.` };
    const answer = await postSpeech(`http://localhost:${edgePort}`, text);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-cache")).toBe("MISS");
    expect(answer.headers.get("x-engine")).toBe("builtin");
    expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(1000);
    await program.until(/^\S+ POST \/v1\/audio\/speech 200 miss \S+ kB \S+ s$/m);

    const again = async () => {
      const next = await postSpeech(`http://localhost:${edgePort}`, text);
      await next.arrayBuffer();
      return next.headers.get("x-cache");
    };
    await expect.poll(again).toBe("HIT");
    const state = { remote: false, environment: undefined, persistTo: undefined };
    const kept = await openNamespace("AUDIO", state).list("");
    const seed = Number(answer.headers.get("x-seed"));
    expect(kept).toContainEqual(
      expect.objectContaining({ metadata: expect.objectContaining({ seed }) }),
    );
    const health = await fetch(`http://localhost:${edgePort}/health`);
    expect(await health.json()).toMatchObject({ auth: "open", missing_bindings: [] });

    const long = { input: `${pangrams} ${Date.now()}` };
    const speech = await postSpeech(`http://localhost:${edgePort}`, long);
    expect(speech.headers.get("x-cache")).toBe("MISS");
    process.kill(-(program.child.pid ?? 0), "SIGINT");
    expect((await speech.arrayBuffer()).byteLength).toBeGreaterThan(50_000);
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(await refuses(`http://localhost:${edgePort}`)).toBe(true);
    expect(await refuses(`http://127.0.0.1:${originPort}`)).toBe(true);
  });

  it("leaves no process when it is killed", async (context) => {
    if (!hasProc) return context.skip(noProc);
    const edgePort = await unusedPort();
    const program = start({ EDGE_PORT: String(edgePort), ORIGIN_PORT: "0" });
    await program.until(/^edge /m);
    const below = descendantsOf(program.child.pid ?? 0).map(({ pid }) => pid);
    expect(below.length).toBeGreaterThan(2);

    program.child.kill("SIGKILL");

    await expect.poll(() => below.filter(isRunning)).toEqual([]);
    expect(await refuses(`http://localhost:${edgePort}`)).toBe(true);
  });

  it("ends, and says so, when its edge is killed, and leaves nothing of it", async (context) => {
    if (!hasProc) return context.skip(noProc);
    const ports = {
      EDGE_PORT: String(await unusedPort()),
      ORIGIN_PORT: String(await unusedPort()),
    };
    const program = start(ports);
    await program.until(/^edge /m);
    const below = descendantsOf(program.child.pid ?? 0);
    const edge = below.find(({ command }) => command.includes("local-edge-child.ts"));
    if (!edge) throw new Error("the edge has no process");

    process.kill(edge.pid, "SIGKILL");

    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.output()).toMatch(/^The edge stopped by itself \(SIGKILL\)\.$/m);
    await expect.poll(() => below.filter(({ pid }) => isRunning(pid))).toEqual([]);
  });

  it.each(["EDGE_PORT", "ORIGIN_PORT"])("says in one line that %s is in use", async (name) => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const other = name === "EDGE_PORT" ? "ORIGIN_PORT" : "EDGE_PORT";
    const program = start({ [name]: String(port), [other]: String(await unusedPort()) });
    expect(await program.exited).toEqual({ code: 1, signal: null });
    const lines = program
      .output()
      .split("\n")
      .filter((line) => !line.startsWith("Starting"));
    expect(lines).toEqual([`Port ${port} is in use: set ${name} to another one.`, ""]);
    taken.close();
  });
});

describe("npm start, run by npm", () => {
  let program: RunningProcess;
  let edgeUrl: string;

  beforeAll(async () => {
    const [edgePort, originPort] = [await unusedPort(), await unusedPort()];
    edgeUrl = `http://localhost:${edgePort}`;
    const environment = { EDGE_PORT: String(edgePort), ORIGIN_PORT: String(originPort) };
    program = runScript("start", { environment });
    await program.until(/^edge /m);
  });

  afterAll(async () => {
    program.child.kill("SIGKILL");
    await program.exited;
  });

  function processes(words: string) {
    const found = descendantsOf(program.child.pid ?? 0);
    return found.filter(({ command }) => command.includes(words)).map(({ pid }) => pid);
  }

  async function ask(path: string, fields: object, headers = {}) {
    const sent = send(`${edgeUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
      body: JSON.stringify({ ...hello, ...fields }),
    });
    return receive(await sent.head);
  }

  it("speaks the longest text with a few descriptors", async (context) => {
    if (!hasProc) return context.skip(noProc);
    const sentence = "The quick brown fox jumps over the lazy dog. ";
    const input = sentence.repeat(100).slice(0, 4096);
    const workers = processes("workerd serve");
    const open = () => workers.reduce((sum, pid) => sum + openDescriptors(pid), 0);
    const before = open();
    let most = before;
    const counting = setInterval(() => {
      most = Math.max(most, open());
    }, 20);

    const { status, ended, body } = await ask("/v1/audio/speech", { input });

    clearInterval(counting);
    expect({ status, ended }, program.output()).toEqual({ status: 200, ended: "complete" });
    expect(body.byteLength).toBeGreaterThan(1_000_000);
    expect(workers.length).toBeGreaterThan(0);
    expect(most - before).toBeLessThan(50);
  });

  it("compresses base64 for clients that take gzip, and for no other", async () => {
    const path = "/v1/audio/speech/base64";
    const plain = await ask(path, { seed: 1 });
    const identity = await ask(path, { seed: 1 }, { "accept-encoding": "identity" });
    const packed = await ask(path, { seed: 1 }, { "accept-encoding": "gzip" });

    expect(plain.headers["content-encoding"]).toBeUndefined();
    base64AnswerSchema.parse(JSON.parse(plain.body.toString()));
    expect(identity.headers["content-encoding"]).toBeUndefined();
    const isPacked = packed.headers["content-encoding"] === "gzip";
    const unpacked = isPacked ? gunzipSync(packed.body) : packed.body;
    expect(unpacked.equals(plain.body)).toBe(true);
  });

  it("leaves no process when npm is killed", async (context) => {
    if (!hasProc) return context.skip(noProc);
    const below = descendantsOf(program.child.pid ?? 0).map(({ pid }) => pid);
    expect(below.length).toBeGreaterThan(3);

    program.child.kill("SIGKILL");

    await expect.poll(() => below.filter(isRunning)).toEqual([]);
    expect(await refuses(edgeUrl)).toBe(true);
  });
});

describe("the origin alone", () => {
  it("says where it listens and what speaks, and leaves on SIGTERM", async () => {
    const program = start({ ORIGIN_PORT: "0", LOG_LEVEL: "silent" }, "origin/main.ts");
    const [, url] = await program.until(/^origin (http:\S+), engine: builtin/m);
    const answer = await postSpeech(url ?? "");
    expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(1000);
    program.child.kill("SIGTERM");
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });

  it.each(["origin/main.ts", "origin/cli/start.ts"])(
    "ends, run by %s, and says why, when the models folder cannot be read",
    async (file) => {
      const environment = {
        MODELS_DIR: file,
        ORIGIN_PORT: String(await unusedPort()),
        EDGE_PORT: String(await unusedPort()),
      };
      const program = start(environment, file);
      expect(await program.exited).toEqual({ code: 1, signal: null });
      expect(program.output()).toMatch(/where packs are kept \(MODELS_DIR\), is not a folder\n$/m);
    },
  );

  it.each([
    [
      { ORIGIN_HOST: "192.0.2.1", ORIGIN_OPEN: "1" },
      "ORIGIN_HOST: 192.0.2.1 is no address of this machine.",
    ],
    [{ ORIGIN_PORT: "65536" }, 'ORIGIN_PORT: must be a port number up to 65535; got "65536"'],
  ])("ends, and says why it cannot listen: %o", async (environment, reason) => {
    const program = start({ LOG_LEVEL: "silent", ...environment }, "origin/main.ts");
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.output()).toBe(`${reason}\n`);
  });

  it("names a setting that is wrong", async () => {
    const program = start({ ORIGIN_HOST: "0.0.0.0" }, "origin/main.ts");
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.output()).toMatch(
      /^ORIGIN_HOST: 0\.0\.0\.0 can be reached from other machines; .*\n$/,
    );
  });
});
