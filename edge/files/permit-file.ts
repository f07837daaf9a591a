import type { MiddlewareHandler } from "hono";
import { shownKey } from "../../shared/http/shown-key.ts";
import { linkHolder } from "../auth/caller.ts";
import { requireCaller } from "../auth/require-caller.ts";
import type { CallerEnv } from "../context.ts";
import { forbidden } from "../errors.ts";
import { countAddress, countLink } from "../limits/rate.ts";
import { settingsOf } from "../settings.ts";
import { linkSigner } from "./file-link.ts";

const requireFilesCaller = requireCaller("files");

/**
 * Lets a request for a file pass with a link that is signed and has not expired, so that `<audio src>` needs no header,
 * or else with a key or token, whatever is wrong with the link. What is wrong with it is told to those alone who show
 * nothing else: whoever shows a bad key is told of the key. Throws a 401, 403 or 429.
 */
export const permitFile: MiddlewareHandler<CallerEnv> = async (c, next) => {
  const settings = settingsOf(c.env);
  const now = Math.floor(Date.now() / 1000);
  const verdict = (await linkSigner(settings)?.verify(new URL(c.req.url), now)) ?? "absent";
  if (verdict === "valid") {
    await countLink(c.env, c.req);
    c.set("caller", linkHolder);
    return next();
  }
  const showsLinkAlone = verdict !== "absent" && !shownKey(c.req).authorization;
  if (settings.isOpen || !showsLinkAlone) return requireFilesCaller(c, next);
  // Guesses, as those of keys.
  await countAddress(c.env, c.req);
  throw verdict === "expired"
    ? forbidden("link_expired", "This link has expired.")
    : forbidden("invalid_signature", "This link is not one that this server has signed.");
};
