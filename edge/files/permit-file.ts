import type { MiddlewareHandler } from "hono";
import { linkHolder } from "../auth/caller.ts";
import { requireCaller } from "../auth/require-caller.ts";
import type { CallerEnv } from "../context.ts";
import { forbidden } from "../errors.ts";
import { countAddress } from "../limits/rate.ts";
import { settingsOf } from "../settings.ts";
import { linkSigner } from "./file-link.ts";

const requireFilesCaller = requireCaller("files");

/**
 * Lets a request for a file pass with a link that is signed and has not expired, so that `<audio src>` needs no header,
 * or else with a key or token. Throws a 401, 403 or 429.
 */
export const permitFile: MiddlewareHandler<CallerEnv> = async (c, next) => {
  const now = Math.floor(Date.now() / 1000);
  const verdict =
    (await linkSigner(settingsOf(c.env))?.verify(new URL(c.req.url), now)) ?? "absent";
  if (verdict === "absent") return requireFilesCaller(c, next);
  await countAddress(c.env, c.req);
  if (verdict === "expired") throw forbidden("link_expired", "This link has expired.");
  if (verdict === "invalid") {
    throw forbidden("invalid_signature", "This link is not one that this server has signed.");
  }
  c.set("caller", linkHolder);
  await next();
};
