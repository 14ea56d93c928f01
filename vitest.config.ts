import { defineConfig } from "vitest/config";

/** Real processes, ports and clocks on a machine that does other things too: the second failure counts. */
const RETRY = 1;

/** Tiers by cost and by folder. snarkjs starts workers that fail under threads, so every test file gets a process. */
export default defineConfig({
  test: {
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    dangerouslyIgnoreUnhandledErrors: false,
    projects: [
      { extends: true, test: { name: "rules", include: ["test/model/**/*.test.ts", "test/checks/**/*.test.ts"] } },
      { extends: true, test: { name: "circuits", include: ["test/circuits/**/*.test.ts", "test/proving/**/*.test.ts"] } },
      { extends: true, test: { name: "contracts", include: ["test/contracts/**/*.test.ts", "test/parity/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "services",
          retry: RETRY,
          include: [
            "test/schedule/**/*.test.ts",
            "test/store/**/*.test.ts",
            "test/patients/**/*.test.ts",
            "test/ledger/**/*.test.ts",
            "test/oracle/**/*.test.ts",
            "test/telemetry/**/*.test.ts",
            "test/client/**/*.test.ts",
            "test/device/**/*.test.ts",
            "test/labels/**/*.test.ts",
            "test/verification/**/*.test.ts",
            "test/network/**/*.test.ts",
            "test/cli/**/*.test.ts",
            "test/findings/**/*.test.ts",
          ],
        },
      },
      {
        extends: true,
        test: { name: "journeys", retry: RETRY, include: ["test/journeys/**/*.test.ts", "test/crash/**/*.test.ts"], testTimeout: 240_000 },
      },
    ],
  },
});
