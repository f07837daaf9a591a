import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { readSettings } from "../../origin/settings.ts";
import { manifestErrors } from "./manifests.ts";

const chart = "origin/deploy/chart";
const withToken = ["--set", "token.value=x"];

function helm(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync("helm", args, { encoding: "utf8" });
}

interface Container {
  image: string;
  args: string[];
  env: { name: string; value?: string }[];
  resources: { limits: Record<string, unknown> };
  lifecycle: { preStop: { exec: { command: string[] } } };
  livenessProbe: { httpGet: { path: string } };
  readinessProbe: { httpGet: { path: string } };
}

/** Of what the kinds have, what is looked at here. */
interface Manifest {
  kind: string;
  metadata: { name: string };
  spec: {
    replicas?: number;
    selector: Record<string, string> & { matchLabels?: Record<string, string> };
    scaleTargetRef: { name: string };
    metrics: { pods: { metric: { name: string } } }[];
    template: {
      metadata: { labels: Record<string, string> };
      spec: {
        terminationGracePeriodSeconds: number;
        nodeSelector?: Record<string, string>;
        tolerations?: { key: string }[];
        securityContext: { runAsNonRoot: boolean };
        containers: [Container];
      };
    };
  };
}

/** What the chart makes with these settings, `NAME=VALUE` each, and a token. */
function render(...settings: string[]): Manifest[] {
  const values = settings.flatMap((setting) => ["--set-string", setting]);
  const { status, stdout, stderr } = helm("template", "tts", chart, ...withToken, ...values);
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
}

function find(manifests: Manifest[], kind: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind);
  if (!found) throw new Error(`there is no ${kind}`);
  return found;
}

/** Settings that are not strings. */
const everything = ["--set", "autoscaling.enabled=true,serviceMonitor.enabled=true"];

const isThere = helm("version").status === 0;
const missing = isThere ? "" : " (skipped: no Helm, which test/deploy/install-helm.sh installs)";

describe.skipIf(!isThere)(`the chart for Kubernetes${missing}`, () => {
  it("is one that Helm finds nothing against", () => {
    const { status, stdout } = helm("lint", "--strict", chart, ...withToken, ...everything);
    expect(stdout).toContain("0 chart(s) failed");
    expect(status).toBe(0);
  });

  it("makes manifests with the fields that Kubernetes has, and no others", () => {
    const { stdout } = helm("template", "tts", chart, ...withToken, ...everything);
    const manifests = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(manifestErrors(manifests)).toEqual([]);

    const [deployment] = manifests.filter(({ kind }) => kind === "Deployment");
    deployment.spec.template.spec.containers[0].imagee = "x";
    expect(manifestErrors([deployment]).join()).toContain("imagee");
  });

  it("has its parts speak of the same pods", () => {
    const { stdout } = helm("template", "tts", chart, ...withToken, ...everything);
    const manifests = parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
    const deployment = find(manifests, "Deployment");
    const { labels } = deployment.spec.template.metadata;
    for (const kind of ["Deployment", "Service", "PodDisruptionBudget"]) {
      const { selector } = find(manifests, kind).spec;
      const pods = selector.matchLabels ?? selector;
      expect(labels).toMatchObject(pods);
      expect(find(manifests, "Job").spec.template.metadata.labels).not.toMatchObject(pods);
    }
    const { scaleTargetRef, metrics } = find(manifests, "HorizontalPodAutoscaler").spec;
    expect(scaleTargetRef.name).toBe(deployment.metadata.name);
    expect(deployment.spec.replicas).toBeUndefined();
    for (const { pods } of metrics) {
      expect(readFileSync("origin/metrics.ts", "utf8")).toContain(`"${pods.metric.name}"`);
    }
  });

  it("lets answers finish, keeps root out, and asks the routes that there are", () => {
    const { spec } = find(render(), "Deployment").spec.template;
    const [{ env, lifecycle, livenessProbe, readinessProbe }] = spec.containers;
    const settings = Object.fromEntries(env.map(({ name, value = "x" }) => [name, value]));
    const { drainSeconds } = readSettings(settings);
    const [, wait] = lifecycle.preStop.exec.command;
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(drainSeconds + Number(wait));
    expect(spec.securityContext.runAsNonRoot).toBe(true);
    expect(livenessProbe.httpGet.path).toBe("/health");
    expect(readinessProbe.httpGet.path).toBe("/ready");
  });

  it("takes a GPU and its nodes for cuda, and neither on a cpu", () => {
    const onGpu = find(render("nodeSelector.zone=a"), "Deployment").spec.template.spec;
    expect(onGpu.nodeSelector).toEqual({ zone: "a", "nvidia.com/gpu.present": "true" });
    expect(onGpu.tolerations?.map(({ key }) => key)).toEqual(["nvidia.com/gpu"]);
    expect(onGpu.containers[0].resources.limits["nvidia.com/gpu"]).toBe(1);

    const manifests = render("device=cpu", "nodeSelector.zone=a");
    const onCpu = find(manifests, "Deployment").spec.template.spec;
    expect(onCpu.nodeSelector).toEqual({ zone: "a" });
    expect(onCpu.tolerations).toBeUndefined();
    expect(onCpu.containers[0].resources.limits).not.toHaveProperty("nvidia.com/gpu");
    expect(find(manifests, "Job").spec.template.spec.containers[0].args).toContain("int8");
  });

  it("pulls by a job of another name when what it does is another, and by the same one else", () => {
    const jobOf = (...settings: string[]) => find(render(...settings), "Job").metadata.name;
    expect(jobOf("podAnnotations.a=b")).toBe(jobOf());
    expect(jobOf("model.name=1.7b-custom-voice")).not.toBe(jobOf());
    expect(jobOf("image.tag=other")).not.toBe(jobOf());
    expect(render("model.name=").map(({ kind }) => kind)).not.toContain("Job");
  });

  it.each([
    ["a missing token", [], "token.value or token.existingSecret must be set"],
    ["a device that there is not", [...withToken, "--set", "device=tpu"], "device"],
    ["a value that there is not", [...withToken, "--set", "replica=2"], "replica"],
    ["a setting that the chart makes", [...withToken, "--set", "settings.DEVICE=cpu"], "DEVICE"],
  ])("refuses %s by its name", (_, args, message) => {
    const { status, stderr } = helm("template", "tts", chart, ...args);
    expect(status).not.toBe(0);
    expect(stderr).toContain(message);
  });
});
