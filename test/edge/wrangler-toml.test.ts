import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { unstable_readConfig } from "wrangler";
import * as z from "zod";
import { bindingKinds } from "../../edge/bindings.ts";

/** Of what wrangler reads from the file, what is compared here. */
const configSchema = z.object({
  vars: z.record(z.string(), z.string()),
  kv_namespaces: z.array(z.object({ binding: z.string() })),
  durable_objects: z.object({
    bindings: z.array(z.object({ name: z.string(), class_name: z.string() })),
  }),
  analytics_engine_datasets: z.array(z.object({ binding: z.string() })),
  assets: z.object({ binding: z.string(), run_worker_first: z.literal(true) }),
  ratelimits: z.array(z.object({ name: z.string(), namespace_id: z.string() })),
  migrations: z.array(z.object({ new_sqlite_classes: z.array(z.string()) })),
  observability: z.object({ logs: z.object({ invocation_logs: z.boolean() }) }),
});

const environments = { production: {}, staging: { env: "staging" } };
const configs = Object.entries(environments).map(([name, env]) => {
  const config = unstable_readConfig({ config: "wrangler.toml", ...env });
  return { name, config: configSchema.parse(config) };
});

/** The names of the code's bindings of one kind. */
function named(kind: (typeof bindingKinds)[keyof typeof bindingKinds]): string[] {
  const all = Object.entries(bindingKinds).filter(([, its]) => its === kind);
  return all.map(([name]) => name).sort();
}

let text: string;
let exportedNames: string[];

beforeAll(async () => {
  text = await readFile("wrangler.toml", "utf8");
  const { metafile } = await build({
    entryPoints: ["edge/index.ts"],
    bundle: true,
    external: ["cloudflare:workers"],
    format: "esm",
    metafile: true,
    write: false,
  });
  exportedNames = Object.values(metafile.outputs).flatMap((output) => output.exports);
});

test("these are all environments", () => {
  const sections = text.matchAll(/^\[+env\.(\w+)/gm);
  expect(new Set(Array.from(sections, ([, name]) => name))).toEqual(new Set(["staging"]));
});

describe.each(configs)("$name", ({ config }) => {
  test("binds what the code reads, and nothing else", () => {
    expect({
      var: Object.keys(config.vars).sort(),
      kv_namespace: config.kv_namespaces.map(({ binding }) => binding).sort(),
      durable_object: config.durable_objects.bindings.map(({ name }) => name).sort(),
      ratelimit: config.ratelimits.map(({ name }) => name).sort(),
      analytics_engine: config.analytics_engine_datasets.map(({ binding }) => binding),
      assets: [config.assets.binding],
    }).toEqual({
      var: named("var"),
      kv_namespace: named("kv_namespace"),
      durable_object: named("durable_object"),
      ratelimit: named("ratelimit"),
      analytics_engine: named("analytics_engine"),
      assets: named("assets"),
    });
  });

  test("asks for keys and holds no secret", () => {
    expect(config.vars.AUTH).toBe("keys");
    expect(Object.keys(config.vars).filter((name) => named("secret").includes(name))).toEqual([]);
  });

  test("has a migration for each class of Durable Objects, which the Worker exports", () => {
    const bound = config.durable_objects.bindings.map((binding) => binding.class_name).sort();
    const migrated = config.migrations.flatMap((step) => step.new_sqlite_classes).sort();
    expect(migrated).toEqual(bound);
    expect(exportedNames.filter((name) => name !== "default").sort()).toEqual(bound);
  });

  test("keeps the URLs of requests out of the logs", () => {
    expect(config.observability.logs.invocation_logs).toBe(false);
  });
});

test("environments share no limit", () => {
  const ids = configs.flatMap(({ config }) => config.ratelimits.map((limit) => limit.namespace_id));
  expect(new Set(ids).size).toBe(configs.length * named("ratelimit").length);
});

test("names every secret in its comments", () => {
  const comments = text.match(/^#.*$/gm)?.join("\n") ?? "";
  for (const name of named("secret")) expect(comments).toContain(`\n#   ${name} `);
});

test(".dev.vars sets variables and no secrets, since it is committed", async () => {
  const variables = Object.keys(parseEnv(await readFile(".dev.vars", "utf8")));
  expect(variables.filter((name) => !named("var").includes(name))).toEqual([]);
});

describe("the button that deploys", () => {
  test("describes every binding, and no other", async () => {
    const { cloudflare } = z
      .object({
        cloudflare: z.object({
          label: z.string().min(1),
          products: z.array(z.string()).min(1).max(3),
          bindings: z.record(z.string(), z.object({ description: z.string().min(1) })),
        }),
      })
      .parse(JSON.parse(await readFile("package.json", "utf8")));
    expect(Object.keys(cloudflare.bindings).sort()).toEqual(Object.keys(bindingKinds).sort());
  });

  test("asks for secrets alone, and brings no value of one", async () => {
    const asked = parseEnv(await readFile(".dev.vars.example", "utf8"));
    expect(asked).toEqual({ ORIGIN_TOKEN: "" });
    expect(named("secret")).toContain("ORIGIN_TOKEN");
  });
});
