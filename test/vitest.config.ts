import { defineConfig } from "vitest/config";

/** Tests that watch the processes of their own process, or replace what all of it shares. */
const alone = ["test/edge/**", "test/clients/**", "test/system/**", "test/origin/engine/**"].map(
  (folder) => `${folder}/*.test.ts`,
);

const common = { pool: "forks", testTimeout: 20_000, hookTimeout: 30_000 } as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { ...common, name: "alone", include: alone } },
      {
        // Together they load the model and audio code once instead of once a file.
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
