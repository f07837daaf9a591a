import * as z from "zod";

/** Of package-lock.json, version 3, what is judged. */
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});

/** One dependency. */
export interface Dependency {
  /** With the place in the tree where it is not at the top, as `wrangler > esbuild`. */
  name: string;
  version: string;
  licence: string;
  /** Whether a deployment has it, or only whoever works on this. */
  isShipped: boolean;
  hasInstallScript: boolean;
}

/** SPDX identifiers of licences that ask nothing of whoever uses the whole. */
const permissive = new Set([
  ...["MIT", "MIT-0", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "CC0-1.0"],
  ...["BlueOak-1.0.0", "Unlicense", "Python-2.0", "CC-BY-4.0", "Zlib"],
]);

/** The others that were looked at, by package: what they are under, and why they may stay. README names those that are shipped. */
export const accepted: Readonly<Record<string, { licence: string; why: string }>> = {
  "@echogarden/espeak-ng-emscripten": {
    licence: "GPL-3.0",
    why: "optional, and left out of images: the stand-in for a model",
  },
  "@libav.js/variant-mediarecorder-transcoder": {
    licence: "LGPL-2.1",
    why: "libavcodec as a module of its own, unchanged: reads recordings",
  },
  "codec-parser": {
    licence: "LGPL-3.0-or-later",
    why: "a module of its own, unchanged: reads recordings",
  },
  mediabunny: { licence: "MPL-2.0", why: "unchanged: copyleft for its own files" },
  "@mediabunny/aac-encoder": { licence: "MPL-2.0", why: "unchanged: copyleft for its own files" },
};

/** What only those have who work on this, by the beginning of the name. */
const acceptedForDevelopment: readonly { name: RegExp; licence: RegExp }[] = [
  { name: /^@img\/sharp-/, licence: /LGPL-3\.0-or-later/ },
  { name: /^(lightningcss|axe-core)/, licence: /^MPL-2\.0$/ },
];

/** The packages with scripts that npm would run at install; .npmrc tells it to run none. */
export const knownScripts: readonly string[] = [
  ...["esbuild", "onnxruntime-node", "sharp", "workerd", "wrangler > esbuild"],
];

/** Reads package-lock.json. Throws a ZodError for what is none. */
export function readLock(text: string): Dependency[] {
  const { packages } = lockSchema.parse(JSON.parse(text));
  return Object.entries(packages).flatMap(([path, fields]) => {
    if (path === "") return [];
    return {
      name: path.replace(/^node_modules\//, "").replaceAll("/node_modules/", " > "),
      version: fields.version ?? "",
      licence: fields.license ?? "none",
      isShipped: fields.dev !== true,
      hasInstallScript: fields.hasInstallScript ?? false,
    };
  });
}

/** What is wrong with a dependency, if anything is. */
export function findFault(dependency: Dependency): string | undefined {
  const { name, licence, isShipped, hasInstallScript } = dependency;
  if (hasInstallScript && !knownScripts.includes(name)) {
    return `${name} has an install script, which nobody has looked at`;
  }
  if (isPermissive(licence)) return undefined;
  const known = Object.hasOwn(accepted, name) ? accepted[name] : undefined;
  if (known?.licence === licence) return undefined;
  const isForDevelopment = acceptedForDevelopment.some(
    (rule) => rule.name.test(name) && rule.licence.test(licence),
  );
  if (!isShipped && isForDevelopment) return undefined;
  return licence === "none"
    ? `${name} says of no licence what it is under`
    : `${name} is under ${licence}, which nobody has accepted`;
}

/** Whether all of an SPDX expression's terms are permissive, or one of those to choose from. */
function isPermissive(licence: string): boolean {
  const terms = licence.replace(/[()]/g, "").split(/ AND /);
  return terms.every((term) => term.split(" OR ").some((one) => permissive.has(one.trim())));
}
