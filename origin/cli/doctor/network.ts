import { once } from "node:events";
import { createServer } from "node:net";
import { parseEnv } from "node:util";
import { edgeHealthSchema } from "../../../shared/answers.ts";
import { readSettings } from "../../settings.ts";
import { edgeUrl, readDevVars, readEdgeSettings } from "../edge-settings.ts";
import { bad, type Finding, good, note } from "./finding.ts";

const answerSeconds = 5;
/** Tokens, links and quotas go by the hour at the least. */
const worstSecondsOff = 60;

/** Whether the ports are free or ours, whether origins answer and take the token, and whether clocks agree. */
export async function checkNetwork(): Promise<Finding[]> {
  const devVars = await readDevVars();
  const edge = readEdgeSettings(process.env, devVars);
  const { host, port, tokens } = readSettings(process.env);
  const local = parseEnv(devVars);
  const urls = (process.env.ORIGIN_URLS || local.ORIGIN_URLS || "").split(",").filter(Boolean);
  const token = (process.env.ORIGIN_TOKEN || local.ORIGIN_TOKEN || tokens[0] || "").split(",")[0];
  return [
    await checkPort("edge", edge.host, edge.port, `${edgeUrl(edge)}/health`),
    await checkPort("origin", host, port, `http://${host}:${port}/health`),
    ...(await Promise.all(urls.map((url) => checkOrigin(url.trim(), token)))).flat(),
  ];
}

async function checkPort(name: string, host: string, port: number, url: string): Promise<Finding> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    server.close();
    return good(name, `port ${port} is free`);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const answer = await ask(url);
    const isOurs = answer !== undefined && (await answer.text()).includes('"catalogue"');
    if (code === "EADDRINUSE" && isOurs) return good(name, `runs on port ${port}`);
    const says =
      code === "EADDRINUSE"
        ? `port ${port} is taken by another program`
        : `${host}:${port}: ${code}`;
    return note(name, says, `${name.toUpperCase()}_PORT=${port + 1}`);
  }
}

/** The edge asks an origin with the token: so does this. */
async function checkOrigin(url: string, token: string | undefined): Promise<Finding[]> {
  const check = "reach";
  const health = await ask(`${url}/health`);
  if (!health) return [note(check, `nothing answers at ${url}`, "npm start, or npm run origin")];
  const clock = checkClock(health);
  if (edgeHealthSchema.safeParse(await health.json().catch(() => null)).success) {
    return [clock, bad(check, `${url} is an edge, not an origin`, "ORIGIN_URLS names origins")];
  }
  const metrics = await ask(`${url}/metrics`, token);
  if (metrics?.status === 401) {
    return [
      clock,
      bad(check, `${url} refuses the token`, "ORIGIN_TOKEN of edge and origin must be equal"),
    ];
  }
  const ready = await ask(`${url}/ready`);
  if (ready?.status === 200) return [clock, good(check, `${url} takes the token and is ready`)];
  return [clock, note(check, `${url} is not ready`, "its log says why")];
}

function checkClock({ headers }: Response): Finding {
  const there = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(there)) return note("clock", "the origin does not say what time it is");
  const seconds = Math.abs(Date.now() - there) / 1000;
  if (seconds < worstSecondsOff) return good("clock", "agrees with the origin's");
  return note(
    "clock",
    `${Math.round(seconds)} seconds off the origin's`,
    "set both by NTP: tokens and links expire by it",
  );
}

async function ask(url: string, token?: string): Promise<Response | undefined> {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const signal = AbortSignal.timeout(answerSeconds * 1000);
  return fetch(url, { headers, signal, redirect: "manual" }).catch(() => undefined);
}
