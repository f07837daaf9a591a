import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import { createEngines, type Engines } from "../engine/engines.ts";
import { openJobs } from "../jobs/jobs.ts";
import { createLogger } from "../log.ts";
import { countJobs, createMetrics } from "../metrics.ts";
import { chooseDevice } from "../model/device/choose-device.ts";
import { memoryBudget } from "../process/memory-budget.ts";
import { requireRoom, type Settings } from "../settings.ts";
import type { SocketLimits } from "../socket/limits.ts";
import { createSessions } from "../socket/sessions.ts";
import { createAdmission } from "../speech/admission.ts";
import { openVoiceStore } from "../voices/voice-store.ts";
import { createApp } from "./app.ts";
import { acceptUpgrades } from "./upgrade.ts";

/** Longer than edges keep an idle connection, so that it is never closed just as a request is sent on it. */
const keepAliveMilliseconds = 120_000;

/** What answers that were cut off may still take to say so. */
const lastBytesMilliseconds = 1000;

export interface Origin {
  url: string;
  engines: Engines;
  /** Takes no more sockets and contexts, lets those under way finish within the drain time, and closes all sockets. */
  closeSockets(): Promise<void>;
  /** Refuses newcomers, lets running answers finish within the drain time, then stops engines and connections. */
  close(): Promise<void>;
}

/**
 * Starts an origin and resolves once it listens, which it does last: what stands in the way of starting is known before
 * anybody can connect. Rejects with a SettingsError, or with the system's error (EADDRINUSE, EACCES) when it cannot listen.
 */
export async function startOrigin(
  settings: Settings,
  { socketLimits }: { socketLimits?: SocketLimits } = {},
): Promise<Origin> {
  const { maxWaitSeconds, defaultLanguage, catalogue, lexicon } = settings;
  const device = chooseDevice(settings.device);
  requireRoom(settings.memory, device.memoryBytes);
  const memory = memoryBudget(settings.memory, device.memoryBytes);
  const admission = createAdmission({
    maxActive: settings.maxStreams,
    keyValueBytes: memory.keyValueBytes,
    maxWaitSeconds,
  });
  const log = createLogger(settings.logLevel);
  const engines = createEngines({
    choice: settings.engine,
    modelsDirectory: settings.modelsDirectory,
    device,
    modelMemoryBytes: memory.modelBytes,
    maxWaitSeconds,
    defaultLanguage,
    lexicon,
    log,
  });
  const metrics = createMetrics(admission, engines);
  const voices = openVoiceStore(settings.voicesDirectory, log);
  const speaking = { defaultLanguage, catalogue, lexicon, voiceFiles: voices.files };
  const services = { engines, admission, metrics, ...speaking };
  const sessions = createSessions(services, catalogue, socketLimits);
  const jobs = openJobs(settings.jobs, services, log);
  countJobs(metrics, jobs.counts);
  const app = createApp(services, jobs, voices, settings, log, sessions);
  const server = createServer(
    { keepAliveTimeout: keepAliveMilliseconds },
    getRequestListener(app.fetch),
  );
  acceptUpgrades(server, app.fetch);
  try {
    await listen(server, settings.port, settings.host);
  } catch (cause) {
    await jobs.close();
    await engines.close();
    throw cause;
  }

  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  let closingSockets: Promise<void> | undefined;
  async function drainSockets(): Promise<void> {
    const patience = delay(settings.drainSeconds * 1000, undefined, { ref: false });
    await Promise.race([sessions.drain(), patience]);
    sessions.close();
  }
  const closeSockets = () => (closingSockets ??= drainSockets());
  async function close(): Promise<void> {
    // Still listening, so that whoever asks is told, by /ready and by 503, rather than refused.
    const parked = jobs.close();
    const patience = delay(settings.drainSeconds * 1000, undefined, { ref: false });
    await Promise.all([Promise.race([admission.drain(), patience]), closeSockets()]);
    const closed = once(server, "close");
    server.close();
    await engines.close();
    // An engine that hung has let go of its part of a job by now.
    await parked;
    server.closeIdleConnections();
    const impatience = setTimeout(() => server.closeAllConnections(), lastBytesMilliseconds);
    await closed;
    clearTimeout(impatience);
  }
  return {
    url: `http://${settings.host.includes(":") ? `[${settings.host}]` : settings.host}:${port}`,
    engines,
    closeSockets,
    close: () => (closing ??= close()),
  };
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, "listening");
}
