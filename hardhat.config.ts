import { fileURLToPath } from "node:url";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import { defineConfig } from "hardhat/config";
import type { HardhatPlugin } from "hardhat/types/plugins";

/** A compiler warning in our own sources fails the build; those in packages are not ours to mend. */
const warningsAreErrors: HardhatPlugin = {
  id: "threadline-warnings-are-errors",
  hookHandlers: {
    solidity: async () => ({
      default: async () => ({
        async invokeSolc(context, compiler, solcInput, solcConfig, next) {
          const output = await next(context, compiler, solcInput, solcConfig);
          const errors = (output.errors ?? []).filter(
            (error) => error.severity === "error" || !error.formattedMessage?.includes("--> npm/"),
          );
          for (const error of errors) error.severity = "error";
          return { ...output, errors };
        },
      }),
    }),
  },
};

export default defineConfig({
  plugins: [hardhatEthers, hardhatTypechain, warningsAreErrors],
  solidity: {
    version: "0.8.37",
    // The npm compiler, so that a build downloads nothing.
    path: fileURLToPath(import.meta.resolve("solc/soljson.js")),
    splitTestsCompilation: true,
    settings: {
      // The last target that every EVM ledger in reach runs: Besu, Kaia, geth Clique and anvil.
      evmVersion: "london",
      optimizer: { enabled: true, runs: 200 },
      viaIR: true,
    },
  },
  paths: { sources: "contracts", tests: { solidity: "test/contracts" } },
  // Generated code uses namespaces, which the project itself does without; it is checked by its use.
  typechain: { outDir: "types", tsNocheck: true },
  test: {
    solidity: {
      fuzz: { runs: 256, seed: "0x7468726561646c696e65" },
      invariant: { runs: 32, depth: 48, failOnRevert: false },
    },
  },
});
