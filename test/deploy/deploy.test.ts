import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readSettings } from "../../origin/settings.ts";

const read = (name: string) => readFileSync(`origin/deploy/${name}`, "utf8");

/** What a service of ours may be given to finish its answers, in seconds. */
function drainSeconds(environment: Record<string, string>): number {
  return readSettings({ ...environment, ORIGIN_TOKEN: "x" }).drainSeconds;
}

describe("the Dockerfile", () => {
  const stages = read("Dockerfile")
    .split(/^FROM /m)
    .slice(1);
  const images = stages.filter((stage) => /^CMD /m.test(stage));

  it.each(["cpu", "cuda"])(
    "has an image for %s: no root, a volume, a health check, no npm",
    (name) => {
      const image = images.find((stage) => stage.split("\n")[0]?.endsWith(`AS ${name}`)) ?? "";
      expect(image).toMatch(/^USER 10001:10001$/m);
      expect(image).toMatch(/^VOLUME \/models$/m);
      expect(image).toMatch(/^HEALTHCHECK [\s\S]*\/health/m);
      expect(image).toMatch(/^CMD \["node", "--import", "tsx", "origin\/main.ts"\]$/m);
      expect(image).toMatch(/ENGINE=qwen3/);
    },
  );

  it("takes both bases as arguments, so that they can be pinned", () => {
    const bases = stages.map((stage) => stage.split(/\s/)[0]);
    for (const base of bases) expect(base).toMatch(/^\$\{(NODE|CUDA)_IMAGE\}$/);
  });

  it("leaves the GPL's part out, and takes everything that the origin reads", () => {
    const script = read("build-origin.sh");
    expect(script).toMatch(/rm -rf node_modules\/@echogarden\/espeak-ng-emscripten/);
    const [, parts = ""] = /^for part in (.*); do$/m.exec(script) ?? [];
    for (const part of parts.split(" ")) expect(existsSync(part), part).toBe(true);
  });
});

it("compose gives answers the time that they have to finish", () => {
  const { services } = parse(read("compose.yaml"), { merge: true }) as {
    services: Record<string, { environment?: Record<string, string>; stop_grace_period?: string }>;
  };
  for (const name of ["origin-cpu", "origin-cuda"]) {
    const { environment = {}, stop_grace_period = "" } = services[name] ?? {};
    const { DRAIN_SECONDS = "" } = environment;
    expect(Number.parseInt(stop_grace_period, 10)).toBeGreaterThan(drainSeconds({ DRAIN_SECONDS }));
  }
});

describe("the manifests for Kubernetes", () => {
  interface Probe {
    httpGet: { path: string };
  }
  /** Of what the kinds have, what is looked at here. */
  interface Spec {
    selector: Record<string, string> & { matchLabels?: Record<string, string> };
    scaleTargetRef: { name: string };
    metrics: { pods: { metric: { name: string } } }[];
    template: {
      metadata: { labels: Record<string, string> };
      spec: {
        terminationGracePeriodSeconds: number;
        securityContext: { runAsNonRoot: boolean };
        containers: {
          env: { name: string; value: string }[];
          lifecycle: { preStop: { exec: { command: string[] } } };
          livenessProbe: Probe;
          readinessProbe: Probe;
        }[];
      };
    };
  }
  interface Manifest {
    kind: string;
    spec: Spec;
  }
  const documents = parseAllDocuments(read("kubernetes.yaml"));
  const manifests = documents.map((document) => document.toJS() as Manifest);
  const specOf = (kind: string): Spec => {
    const found = manifests.find((manifest) => manifest.kind === kind);
    if (!found) throw new Error(`there is no ${kind}`);
    return found.spec;
  };

  it("are whole, and speak of one deployment", () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    const pod = specOf("Deployment").template;
    for (const kind of ["Service", "PodDisruptionBudget"]) {
      const selector = specOf(kind).selector.matchLabels ?? specOf(kind).selector;
      expect(pod.metadata.labels).toMatchObject(selector);
    }
    expect(specOf("HorizontalPodAutoscaler").scaleTargetRef.name).toBe("qwen3-tts-origin");
  });

  it("let answers finish, keep root out, and ask the routes that there are", () => {
    const { spec } = specOf("Deployment").template;
    expect(spec.securityContext.runAsNonRoot).toBe(true);
    expect(spec.containers).toHaveLength(1);
    for (const { env, lifecycle, livenessProbe, readinessProbe } of spec.containers) {
      const [, wait] = lifecycle.preStop.exec.command;
      const drain = drainSeconds({ DRAIN_SECONDS: env[0]?.value ?? "" });
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(drain + Number(wait));
      expect(livenessProbe.httpGet.path).toBe("/health");
      expect(readinessProbe.httpGet.path).toBe("/ready");
    }
  });

  it("scale by a metric that there is", () => {
    for (const { pods } of specOf("HorizontalPodAutoscaler").metrics) {
      expect(readFileSync("origin/metrics.ts", "utf8")).toContain(`"${pods.metric.name}"`);
    }
  });
});

it("the unit for systemd starts without npm and waits for answers", () => {
  const unit = read("qwen3-tts-origin.service");
  const settings = Object.fromEntries(
    Array.from(unit.matchAll(/([A-Z_]+)=(\S+)/g), ([, name = "", value = ""]) => [name, value]),
  );
  const [, stop = ""] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? [];
  expect(Number(stop)).toBeGreaterThan(
    drainSeconds({ DRAIN_SECONDS: settings.DRAIN_SECONDS ?? "" }),
  );
  expect(unit).toMatch(/^ExecStart=\/usr\/bin\/env node --import tsx origin\/main.ts$/m);
});
