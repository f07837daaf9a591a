import { parseArgs } from "node:util";
import { describeEngines, describeNames } from "./engine/describe.ts";
import { startOrigin } from "./http/server.ts";
import { explainStartError } from "./http/start-error.ts";
import { outliveReaders } from "./log.ts";
import { listenForStop } from "./process/stop-signals.ts";
import { readSettings } from "./settings.ts";

const help = `Usage: npm run origin -- [--host HOST] [--port PORT]

Serves the OpenAI-compatible speech API of this machine's engines.

  --host HOST   address to listen on (ORIGIN_HOST, default 127.0.0.1)
  --port PORT   port to listen on, 0 for any free one (ORIGIN_PORT, default 8880)
  --help        this text

Environment: ORIGIN_TOKEN (comma-separated bearer tokens), ORIGIN_OPEN=1 (no token, though other machines can connect),
ENGINE (auto, qwen3, builtin), DEVICE (auto, cpu, cuda, webgpu), MODELS_DIR, ENGINE_THREADS,
DETERMINISTIC=1 (a batch mate never changes a take), LEADING_SILENCE=keep (silent first frames are not cut), MAX_STREAMS (64), MAX_WAIT_SECONDS (30), MODEL_MEMORY_GB, KV_MEMORY_GB,
DRAIN_SECONDS (30), VOICES_DIR, JOBS_DIR, JOBS_MAX (20), JOBS_MAX_GB (20), JOBS_TTL_HOURS (72), MODEL_ALIASES and VOICE_ALIASES (JSON:
names of your own), DEFAULT_MODEL (tts-1), DEFAULT_VOICE (alloy), VOICE_NAMES (speaker, both), LEXICON_FILE (JSON: how words
are said), LOG_LEVEL (silent, error, warn, info, debug).

Ctrl-C, SIGTERM and SIGHUP let running answers finish, for up to DRAIN_SECONDS. A signal that comes a second or more after
the first one ends it at once; any sooner it is the same one, which npm and service managers send twice. A service runs it
without npm, which would not wait for it: node origin/run.mjs origin/main.ts
`;

try {
  const { values } = parseArgs({
    options: { host: { type: "string" }, port: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) process.stdout.write(help);
  else await serve(values);
} catch (cause) {
  process.stderr.write(`${explainStartError(cause)}\n`);
  process.exitCode = 1;
}

async function serve(flags: { host?: string; port?: string }): Promise<void> {
  const stop = listenForStop(() => 0);
  outliveReaders();

  const origin = await startOrigin(
    readSettings({
      ...process.env,
      ...(flags.host === undefined ? {} : { ORIGIN_HOST: flags.host }),
      ...(flags.port === undefined ? {} : { ORIGIN_PORT: flags.port }),
    }),
  );
  const closed = stop.asked.then(() => origin.close());
  await Promise.race([origin.engines.settled(), closed]);
  if (stop.signal.aborted) return closed;
  const { url, engines } = origin;
  process.stderr.write(`origin ${url}, ${describeEngines(engines)}\n${describeNames(engines)}\n`);
}
