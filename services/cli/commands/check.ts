import { runShown } from "../run-shown.ts";

/** Types, lint (which holds the layers), and the gate over circuits, keys and generated verifiers. */
export async function check(): Promise<number> {
  const checks = [
    ["node_modules/typescript/bin/tsc", "--project", "."],
    ["node_modules/eslint/bin/eslint.js", "--max-warnings", "0", "."],
    ["scripts/circuits/check.ts"],
  ];
  for (const command of checks) {
    const code = await runShown(command);
    if (code !== 0) return code;
  }
  process.stdout.write("types, layers and artefacts are in order\n");
  return 0;
}
