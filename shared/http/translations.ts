import { azureDeployments, azureV1 } from "./azure.ts";
import { elevenLabs } from "./elevenlabs.ts";
import type { Translation } from "./translation.ts";

/** The other APIs whose clients are understood. */
export const translations: readonly Translation[] = [azureDeployments, azureV1, elevenLabs];
