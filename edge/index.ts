import { createApp } from "./app.ts";

export { Flights } from "./flight/flights.ts";
export { Quota } from "./limits/quota.ts";
export { VoiceBooks } from "./voices/voice-books.ts";

export default createApp();
