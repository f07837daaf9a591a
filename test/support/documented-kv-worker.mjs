// The edge with KV as Cloudflare documents it and Miniflare does not show it. Either a place of its own remembers for a
// minute that there was nothing under a key, while the Durable Objects are elsewhere and see what has been written since;
// or a key that another place has written this second takes no second write, here the record of each model's revisions;
// or a key that nobody read here for long takes its time.
import { createApp } from "../../edge/app.ts";
import { Flights as EdgeFlights } from "../../edge/flight/flights.ts";

export { Quota } from "../../edge/limits/quota.ts";
export { VoiceBooks } from "../../edge/voices/voice-books.ts";

const app = createApp();
const missed = new Set();

const rememberedMisses = {
  getWithMetadata: (namespace) => async (key, options) => {
    if (missed.has(key)) return { value: null, metadata: null };
    const found = await namespace.getWithMetadata(key, options);
    if (found.value === null) missed.add(key);
    return found;
  },
};

const coldReads = Object.fromEntries(
  ["get", "getWithMetadata"].map((read) => [
    read,
    (namespace) =>
      async (...key) => {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        return namespace[read](...key);
      },
  ]),
);

const refusedRevisions = {
  put: (namespace) => async (key, value, options) => {
    if (key.startsWith("revision:")) throw new Error("KV PUT failed: 429 Too Many Requests");
    return namespace.put(key, value, options);
  },
};

function changed(namespace, changes) {
  return new Proxy(namespace, {
    get(target, name) {
      if (Object.hasOwn(changes, name)) return changes[name](target);
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** What both the Worker and its Durable Objects see. */
function everywhere(env) {
  if (env.KV_STATE !== "refused_revisions") return env;
  return { ...env, AUDIO: changed(env.AUDIO, refusedRevisions) };
}

function here(env) {
  if (env.KV_STATE === "remembered_misses")
    return { ...env, AUDIO: changed(env.AUDIO, rememberedMisses) };
  if (env.KV_STATE === "cold_reads") return { ...env, AUDIO: changed(env.AUDIO, coldReads) };
  return everywhere(env);
}

export class Flights extends EdgeFlights {
  constructor(context, env) {
    super(context, everywhere(env));
  }
}

export default {
  fetch: (request, env, context) => app.fetch(request, here(env), context),
};
