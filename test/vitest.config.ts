import { defineConfig } from "vitest/config";

/** Tests that count the children of their own process. */
const alone = [
  "test/origin/engine/builtin/builtin-engine.test.ts",
  "test/origin/engine/quarantine.test.ts",
  "test/origin/engine/qwen3/model-pool.test.ts",
  "test/origin/engine/supervisor.test.ts",
  "test/system/several-models.test.ts",
];

/** However slow the machine is: these limits are for what never comes. */
const limits = {
  testTimeout: 180_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 30_000 } },
};

const common = { pool: "forks", ...limits } as const;

export default defineConfig({
  test: {
    // One more than two cores, since many tests wait for a pace, a limit or a process to start.
    maxWorkers: 3,
    projects: [
      { test: { ...common, name: "alone", include: alone } },
      {
        // Together they load what they share once instead of once a file.
        test: {
          ...common,
          name: "together",
          include: ["test/**/*.test.ts"],
          exclude: alone,
          isolate: false,
        },
      },
    ],
  },
});
