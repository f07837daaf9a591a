import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Deployment } from "kubernetes-models/apps/v1";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2";
import { Job } from "kubernetes-models/batch/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { PersistentVolumeClaim, Secret, Service } from "kubernetes-models/v1";

/** The kinds that are known, with where their types come from. */
const models = {
  "apps/v1 Deployment": [Deployment, "apps/v1"],
  "autoscaling/v2 HorizontalPodAutoscaler": [HorizontalPodAutoscaler, "autoscaling/v2"],
  "batch/v1 Job": [Job, "batch/v1"],
  "policy/v1 PodDisruptionBudget": [PodDisruptionBudget, "policy/v1"],
  "v1 PersistentVolumeClaim": [PersistentVolumeClaim, "v1"],
  "v1 Secret": [Secret, "v1"],
  "v1 Service": [Service, "v1"],
} as const;

/** Of the Prometheus operator, whose types are in another package. */
const unknown = ["monitoring.coreos.com/v1 ServiceMonitor"];

interface TypeMeta {
  apiVersion: string;
  kind: string;
}

/**
 * What is wrong with manifests by Kubernetes' own description of its API: the schemas say what must be there and of
 * what type, and the types, which the compiler applies to them as literals, what may not.
 */
export function manifestErrors(manifests: TypeMeta[]): string[] {
  const errors: string[] = [];
  const lines: string[] = [];
  for (const manifest of manifests) {
    const name = `${manifest.apiVersion} ${manifest.kind}`;
    if (unknown.includes(name)) continue;
    const [Model, path] = models[name as keyof typeof models] ?? [];
    if (!Model) {
      errors.push(`${name} is not known`);
      continue;
    }
    try {
      new Model(manifest as never).validate();
    } catch (cause) {
      errors.push(`${name}: ${cause instanceof Error ? cause.message : cause}`);
    }
    const type = `import("kubernetes-models/${path}").I${manifest.kind}`;
    lines.push(`export const m${lines.length}: ${type} = ${JSON.stringify(manifest)};`);
  }
  return [...errors, ...typeErrors(lines.join("\n"))];
}

function typeErrors(program: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "manifests-"));
  try {
    writeFileSync(join(folder, "manifests.ts"), program);
    const compilerOptions = {
      ...{ noEmit: true, strict: true, skipLibCheck: true, types: [], target: "es2022" },
      ...{ module: "preserve", moduleResolution: "bundler" },
      paths: { "*": [resolve("node_modules/*")] },
    };
    const tsconfig = { compilerOptions, files: ["manifests.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    const args = ["node_modules/typescript/bin/tsc", "-p", folder];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    return status === 0 ? [] : stdout.trim().split("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
