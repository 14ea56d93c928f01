import { spawn } from "node:child_process";
import { projectRoot } from "../../scripts/build/ensure-built.ts";

/** Runs a script of the project under this Node with its output shown; the answer is its exit code. */
export function runShown(command: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, {
      cwd: projectRoot,
      stdio: "inherit",
      env: { ...process.env, NODE_OPTIONS: "--experimental-strip-types --disable-warning=ExperimentalWarning" },
    });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
