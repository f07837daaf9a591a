import { toHex } from "../../shared/identity.ts";

/**
 * Orders origins for a key by highest random weight (Thaler and Ravishankar, "A Name-Based Mapping Scheme for
 * Rendezvous", 1996): equal keys find the same order in every place without asking anybody, each origin comes first for
 * an equal share of keys, and one that is taken away moves only its own.
 */
export async function rendezvous(key: string, origins: readonly URL[]): Promise<URL[]> {
  const weighed = await Promise.all(
    origins.map(async (origin) => ({ origin, weight: await weigh(key, origin) })),
  );
  weighed.sort((a, b) => (a.weight > b.weight ? -1 : 1));
  return weighed.map(({ origin }) => origin);
}

async function weigh(key: string, origin: URL): Promise<string> {
  const text = new TextEncoder().encode(`${key} ${origin.href}`);
  return toHex(await crypto.subtle.digest("SHA-256", text));
}
