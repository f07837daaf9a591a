import { bindingKinds } from "./bindings.ts";
import type { BindingKinds, Env } from "./env.ts";

const kinds: BindingKinds = bindingKinds;

/** The resources this deployment was not given. It works without them, but what they are for is off. */
export function missingBindings(env: Env): string[] {
  return (Object.keys(bindingKinds) as (keyof typeof bindingKinds)[]).filter((name) => {
    const isResource = kinds[name] !== "var" && kinds[name] !== "secret";
    return isResource && env[name] === undefined;
  });
}
