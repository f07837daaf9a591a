// Which origin has a job: its id names it, and each origin says in /health what it calls itself. Remembered in this isolate
// alone, and asked for again when an id is not among those known.
import * as z from "zod";
import { jobNotFound } from "../../shared/jobs/job-id.ts";
import { originUnreachable } from "../errors.ts";
import { requireOrigins, type Settings } from "../settings.ts";
import { userAgent } from "./reachability.ts";

const askLimitMs = 4000;

/** An origin that has had no job has no name yet; one of an older version has none at all. */
const healthSchema = z.object({
  jobs: z.object({ origin: z.string().nullable() }).optional(),
});

/** The URLs of origins by what they call themselves. */
const known = new Map<string, string>();

/**
 * Finds the origin with that id among those of this deployment. Throws a 404 when none of them is it, and a 503 when one
 * that might be cannot be reached.
 */
export async function findJobOrigin(originId: string, settings: Settings): Promise<URL> {
  const origins = requireOrigins(settings);
  const remembered = origins.find(({ href }) => known.get(originId) === href);
  if (remembered) return remembered;
  const asked = await Promise.all(
    origins.map(async (origin) => ({ origin, id: await ask(origin) })),
  );
  for (const { origin, id } of asked) if (id) known.set(id, origin.href);
  const found = asked.find(({ id }) => id === originId);
  if (found) return found.origin;
  if (asked.some(({ id }) => id === undefined)) {
    throw originUnreachable(new Error(`the origin ${originId} is none of those that answer`));
  }
  throw jobNotFound();
}

/** Forgets where an origin was: it may have moved. */
export function forgetJobOrigin(originId: string): void {
  known.delete(originId);
}

/** Null for an origin without a name; undefined for one that does not answer. */
async function ask(origin: URL): Promise<string | null | undefined> {
  try {
    const answer = await fetch(new URL("health", origin), {
      headers: { "user-agent": userAgent },
      signal: AbortSignal.timeout(askLimitMs),
      redirect: "manual",
    });
    const { jobs } = healthSchema.parse(await answer.json());
    return jobs?.origin ?? null;
  } catch {
    return undefined;
  }
}
