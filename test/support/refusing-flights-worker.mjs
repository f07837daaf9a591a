// The edge with Durable Objects as Cloudflare documents them and Miniflare does not show them: overloaded, or of another
// version of the Worker while a deployment is under way.
import { createApp } from "../../edge/app.ts";

export { Flights } from "../../edge/flight/flights.ts";
export { Quota } from "../../edge/limits/quota.ts";
export { VoiceBooks } from "../../edge/voices/voice-books.ts";

const app = createApp();

const answers = {
  async overloaded() {
    throw Object.assign(new Error("Durable Object is overloaded."), { overloaded: true });
  },
  async other_version() {
    return { kind: "other_version" };
  },
};

function flights(state) {
  const session = () => ({ open: answers[state], leave: async () => undefined });
  return { getByName: () => ({ speak: session, find: session }) };
}

export default {
  fetch: (request, env, context) =>
    app.fetch(request, { ...env, FLIGHTS: flights(env.FLIGHTS_STATE) }, context),
};
