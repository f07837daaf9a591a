import type { Catalogue } from "./catalogue.ts";
import { toHex } from "./identity.ts";
import { modelIds } from "./models.ts";
import { voices } from "./voices/presets.ts";

/**
 * Tells apart deployments that mean different things by the same names, or by none: 16 hexadecimal characters. An edge
 * and its origins say it in `/health`.
 */
export async function catalogueDigest(catalogue: Catalogue): Promise<string> {
  const { modelAliases, voiceAliases, defaultModel, defaultVoice } = catalogue;
  const names = [
    modelIds.map((id) => [id, catalogue.resolveModel(id)?.native]),
    voices.map(({ id }) => [id, catalogue.findVoice(id)?.speaker]),
    sorted([...modelAliases].map(([name, { native, language }]) => [name, native, language])),
    sorted([...voiceAliases].map(([name, { speaker }]) => [name, speaker])),
    catalogue.resolveModel(defaultModel)?.id,
    catalogue.findVoice(defaultVoice)?.id,
  ];
  const bytes = new TextEncoder().encode(JSON.stringify(names));
  return toHex(await crypto.subtle.digest("SHA-256", bytes)).slice(0, 16);
}

/** In whatever order an operator wrote them. */
function sorted(entries: (string | undefined)[][]): (string | undefined)[][] {
  return entries.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
}
