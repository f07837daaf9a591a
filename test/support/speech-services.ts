import { createEngines, type Engines } from "../../origin/engine/engines.ts";
import { createLogger } from "../../origin/log.ts";
import { createMetrics } from "../../origin/metrics.ts";
import { chooseDevice } from "../../origin/model/device/choose-device.ts";
import { createAdmission } from "../../origin/speech/admission.ts";
import type { SpeechServices } from "../../origin/speech/answer.ts";
import { plainCatalogue } from "../../shared/catalogue.ts";

export interface TestSpeechServices {
  services: SpeechServices;
  /** What has been taken and not yet given back. */
  inUse(): { slots: number; leases: number };
  close(): Promise<void>;
}

/** What an origin makes its answers with: the builtin engine, ready, and a count of what is lent. */
export async function createTestSpeechServices(): Promise<TestSpeechServices> {
  const engines = createEngines({
    choice: "builtin",
    modelsDirectory: "/nonexistent",
    device: chooseDevice("cpu"),
    modelMemoryBytes: 1e9,
    maxWaitSeconds: 30,
    log: createLogger("silent"),
  });
  await engines.settled();
  const admission = createAdmission({ maxActive: 64, keyValueBytes: 1e9, maxWaitSeconds: 30 });
  let leases = 0;
  const counted: Engines = {
    ...engines,
    async borrow(model, signal) {
      const { engine, release } = await engines.borrow(model, signal);
      leases++;
      return {
        engine,
        release() {
          leases--;
          release();
        },
      };
    },
  };
  return {
    services: {
      engines: counted,
      admission,
      metrics: createMetrics(admission, engines),
      defaultLanguage: "english",
      catalogue: plainCatalogue,
    },
    inUse: () => ({ slots: admission.active, leases }),
    close: () => engines.close(),
  };
}
