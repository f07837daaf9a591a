import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type RunningProcess, runProgram } from "../support/run-program.ts";
import { postSpeech } from "../support/speech.ts";
import { unusedPort } from "../support/unused-port.ts";

const running: RunningProcess[] = [];

function start(environment: Record<string, string>, file = "origin/cli/start.ts"): RunningProcess {
  const program = runProgram(file, { environment });
  running.push(program);
  return program;
}

afterEach(async () => {
  // A launcher that is killed outright would leave its edge behind.
  for (const { child, exited } of running.splice(0)) {
    child.kill("SIGTERM");
    await exited;
  }
});

async function refuses(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health`).then(
    () => false,
    () => true,
  );
}

describe("npm start", () => {
  it("serves edge and origin, keeps what was spoken, and stops both cleanly on Ctrl-C", async () => {
    const [edgePort, originPort] = [await unusedPort(), await unusedPort()];
    const program = start({ EDGE_PORT: String(edgePort), ORIGIN_PORT: String(originPort) });
    const lines =
      /^edge +http:\/\/localhost:\d+ .*\norigin http:\/\/127\.0\.0\.1:\d+ .*engine: builtin/m;
    await program.until(lines);

    // The checkout's own state outlives the test: of an older text, an earlier run's file would be found.
    const text = { input: `It is ${Date.now()}.` };
    const answer = await postSpeech(`http://localhost:${edgePort}`, text);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-cache")).toBe("MISS");
    expect(answer.headers.get("x-engine")).toBe("builtin");
    expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(1000);

    const again = async () => {
      const next = await postSpeech(`http://localhost:${edgePort}`, text);
      await next.arrayBuffer();
      return next.headers.get("x-cache");
    };
    await expect.poll(again).toBe("HIT");
    const health = await fetch(`http://localhost:${edgePort}/health`);
    expect(await health.json()).toMatchObject({ auth: "open", missing_bindings: [] });

    program.child.kill("SIGINT");
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(await refuses(edgePort)).toBe(true);
    expect(await refuses(originPort)).toBe(true);
  });

  it.each(["EDGE_PORT", "ORIGIN_PORT"])("says in one line that %s is in use", async (name) => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const other = name === "EDGE_PORT" ? "ORIGIN_PORT" : "EDGE_PORT";
    const program = start({ [name]: String(port), [other]: String(await unusedPort()) });
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.output()).toBe(`Port ${port} is in use: set ${name} to another one.\n`);
    taken.close();
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

  it("names a setting that is wrong", async () => {
    const program = start({ ORIGIN_HOST: "0.0.0.0" }, "origin/main.ts");
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.output()).toMatch(
      /^ORIGIN_HOST: 0\.0\.0\.0 can be reached from other machines; .*\n$/,
    );
  });
});
