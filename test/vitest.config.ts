import { defineConfig } from "vitest/config";

/** Tests that watch the processes of their own process, or set its environment. */
const alone = ["test/system/**/*.test.ts", "test/origin/engine/**/*.test.ts"];

const common = { pool: "forks", testTimeout: 20_000, hookTimeout: 30_000 } as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
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
