// The edge in a place of its own, as Cloudflare documents it and Miniflare does not show it: KV remembers there that it
// had nothing under a key, for a minute, while the Durable Objects are elsewhere and see what has been written since.
import { createApp } from "../../edge/app.ts";

export { Flights } from "../../edge/flight/flights.ts";
export { Quota } from "../../edge/limits/quota.ts";

const app = createApp();
const missed = new Set();

function inThisPlace(namespace) {
  return new Proxy(namespace, {
    get(target, name) {
      if (name !== "getWithMetadata") {
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      }
      return async (key, options) => {
        if (missed.has(key)) return { value: null, metadata: null };
        const found = await target.getWithMetadata(key, options);
        if (found.value === null) missed.add(key);
        return found;
      };
    },
  });
}

export default {
  fetch: (request, env, context) =>
    app.fetch(request, { ...env, AUDIO: inThisPlace(env.AUDIO) }, context),
};
