import { runShown } from "../run-shown.ts";

/** Solidity's fuzz and invariant tests, then everything vitest collects; the first failure's code is the answer. */
export async function test(filters: string[]): Promise<number> {
  if (filters.length === 0) {
    const solidity = await runShown(["node_modules/hardhat/dist/src/cli.js", "test", "solidity"]);
    if (solidity !== 0) return solidity;
  }
  return runShown(["node_modules/vitest/vitest.mjs", "run", ...filters]);
}
