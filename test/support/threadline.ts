import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const NODE_FLAGS = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"];

export function temporaryHome(): string {
  return mkdtempSync(join(tmpdir(), "threadline-test-"));
}

export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs the command line to its end, as a user would. */
export function threadline(arguments_: string[], environment: Record<string, string> = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = start(arguments_, environment);
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ exitCode: code ?? -1, stdout, stderr }));
  });
}

export interface RunningNetwork {
  pid: number;
  httpUrl: string;
  mqttUrl: string;
  rpcUrl: string;
  addresses: Record<string, string>;
  home: string;
  /** Ends the process at once, as a power cut would. */
  kill(): Promise<void>;
  /** Asks it to stop and waits. */
  stop(): Promise<void>;
}

/** Starts `threadline up` on a home folder and waits until it prints its endpoints. */
export function up(home: string, environment: Record<string, string> = {}): Promise<RunningNetwork> {
  const ports = { THREADLINE_HTTP_PORT: "0", THREADLINE_MQTT_PORT: "0", THREADLINE_RPC_PORT: "0" };
  const child = start(["up", "--json"], { THREADLINE_HOME: home, ...ports, ...environment });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.once("close", (code) => reject(new Error(`threadline up ended with ${code}:\n${stderr}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      let endpoints: Omit<RunningNetwork, "kill" | "stop" | "pid">;
      try {
        endpoints = JSON.parse(stdout) as typeof endpoints;
      } catch {
        return;
      }
      const signal = async (name: NodeJS.Signals) => {
        child.kill(name);
        await ended;
      };
      resolve({ ...endpoints, pid: child.pid ?? -1, kill: () => signal("SIGKILL"), stop: () => signal("SIGTERM") });
    });
  });
}

function start(arguments_: string[], environment: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [...NODE_FLAGS, join(projectRoot, "services", "cli", "main.ts"), ...arguments_], {
    cwd: projectRoot,
    env: { ...process.env, NODE_OPTIONS: "", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
