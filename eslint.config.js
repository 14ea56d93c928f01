import boundaries from "eslint-plugin-boundaries";
import tseslint from "typescript-eslint";

/** The layers of the house: each names the layers it may lean on. Arrows point one way. */
const LAYERS = {
  model: [],
  store: ["model"],
  device: ["model"],
  verification: ["model"],
  proving: ["model", "store"],
  ledger: ["model", "store"],
  telemetry: ["model", "store", "device"],
  oracle: ["model", "store", "ledger"],
  network: ["model", "store", "ledger", "proving", "telemetry", "oracle", "verification", "scripts"],
  cli: ["model", "store", "ledger", "proving", "device", "telemetry", "verification", "network", "scripts"],
  scripts: ["model", "scripts"],
};

/** What a pure module may not touch. */
const IMPURE = ["fs", "net", "http", "https", "child_process", "process", "os", "path", "worker_threads", "dns", "tls"];

export default tseslint.config(
  { ignores: ["node_modules/", "artifacts/", "cache/", "build/", "types/", ".threadline/", "coverage/"] },
  ...tseslint.configs.strict,
  {
    plugins: { boundaries },
    settings: {
      "import/resolver": { node: { extensions: [".ts", ".js"] } },
      "boundaries/elements": [
        ...Object.keys(LAYERS)
          .filter((layer) => layer !== "scripts")
          .map((layer) => ({ type: layer, pattern: `services/${layer}`, mode: "folder" })),
        { type: "scripts", pattern: "scripts/*", mode: "folder" },
      ],
    },
    rules: {
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      eqeqeq: "error",
      "no-console": "off",
    },
  },
  {
    files: ["services/**/*.ts", "scripts/**/*.ts"],
    rules: {
      "boundaries/element-types": [
        "error",
        {
          default: "disallow",
          rules: Object.entries(LAYERS).map(([layer, allowed]) => ({ from: layer, allow: [layer, ...allowed] })),
        },
      ],
    },
  },
  {
    files: ["services/model/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: IMPURE.flatMap((name) => [{ group: [`node:${name}`, `node:${name}/*`, name], message: "services/model is pure: no input or output" }]) },
      ],
      "no-restricted-globals": ["error", "process", "fetch", "setTimeout", "setInterval"],
    },
  },
);
