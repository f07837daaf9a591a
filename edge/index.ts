import { createApp } from "./app.ts";

export { Quota } from "./limits/quota.ts";

export default createApp();
