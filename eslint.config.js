import tseslint from "typescript-eslint";

/** The layers of the house: each names the layers it may lean on. Arrows point one way. */
const LAYERS = {
  model: [],
  schedule: ["model"],
  store: ["model"],
  patients: ["model", "store"],
  device: ["model"],
  client: ["model"],
  labels: ["model"],
  verification: ["model"],
  proving: ["model", "schedule", "store"],
  ledger: ["model", "schedule", "store"],
  telemetry: ["model", "schedule", "store", "device"],
  oracle: ["model", "schedule", "store", "ledger", "proving", "labels", "patients"],
  network: ["model", "schedule", "store", "ledger", "proving", "telemetry", "oracle", "verification", "scripts", "patients"],
  cli: ["model", "client", "device", "labels", "proving", "verification", "network", "scripts"],
};

/** What the scripts may lean on. */
const SCRIPTS = ["model", "proving"];

/** What a pure module may not import. */
const INPUT_AND_OUTPUT = "^(node:)?(fs|net|http|https|http2|child_process|process|os|path|worker_threads|dns|tls|cluster|timers)(/|$)";

/** Refuses imports that leave a layer for one it may not lean on. */
function layerRule(layer, allowed, prefix) {
  const forbidden = [...Object.keys(LAYERS), "scripts"].filter((other) => other !== layer && !allowed.includes(other));
  return {
    regex: `^(\\.\\./)+${prefix}(${forbidden.join("|")})/`,
    message: `${layer} may lean on ${allowed.join(", ") || "nothing"} only (see LAYERS in eslint.config.js)`,
  };
}

const pure = { regex: INPUT_AND_OUTPUT, message: "services/model is pure: no input or output" };

export default tseslint.config(
  { ignores: ["node_modules/", "artifacts/", "cache/", "build/", "types/", ".threadline/", "coverage/"] },
  ...tseslint.configs.strict,
  {
    rules: {
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      eqeqeq: "error",
    },
  },
  ...Object.entries(LAYERS).map(([layer, allowed]) => ({
    files: [`services/${layer}/**/*.ts`],
    rules: { "no-restricted-imports": ["error", { patterns: [layerRule(layer, allowed, ""), ...(layer === "model" ? [pure] : [])] }] },
  })),
  {
    files: ["scripts/**/*.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: [layerRule("scripts", SCRIPTS, "services/")] }] },
  },
  {
    files: ["services/model/**/*.ts"],
    rules: { "no-restricted-globals": ["error", "process", "fetch", "setTimeout", "setInterval"] },
  },
);
