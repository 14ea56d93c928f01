import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Anvil {
  rpcUrl: string;
  port: number;
  pid: number;
  /** Sends a signal ("SIGKILL" for a crash) and waits for the process to end. */
  kill(signal: NodeJS.Signals): Promise<void>;
  close(): Promise<void>;
}

/** `statePath` keeps the chain over restarts; `accounts` funded from anvil's own development mnemonic. */
export interface AnvilOptions {
  port?: number;
  statePath?: string;
  stateIntervalSeconds?: number;
  accounts?: number;
}

/** Anvil's first two development accounts (public test mnemonic "test … junk"). */
export const DEVELOPMENT_KEYS = [
  "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
  "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
] as const;

/** Starts a chain of its own with chain id 31337, free gas and one block per transaction. */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const port = options.port ?? (await freePort());
  const child = spawn(anvilBinary(), anvilArguments(port, options), { stdio: ["ignore", "ignore", "inherit"] });
  const rpcUrl = `http://127.0.0.1:${port}`;
  await untilReady(rpcUrl, child);
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  };
  return { rpcUrl, port, pid: child.pid ?? 0, kill, close: () => kill("SIGTERM") };
}

function anvilArguments(port: number, options: AnvilOptions): string[] {
  const fixed = ["--port", `${port}`, "--chain-id", "31337", "--gas-price", "0", "--base-fee", "0", "--silent"];
  const state = options.statePath === undefined ? [] : ["--state", options.statePath];
  const interval = options.stateIntervalSeconds === undefined ? [] : ["--state-interval", `${options.stateIntervalSeconds}`];
  return [...fixed, "--accounts", `${options.accounts ?? 10}`, ...state, ...interval];
}

/** The native binary itself: npm's launcher script would stay between us and the process to kill. */
function anvilBinary(): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const name = `@foundry-rs/anvil-${process.platform}-${architecture}`;
  const launcher = createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json");
  const manifest = createRequire(launcher).resolve(`${name}/package.json`);
  return join(dirname(manifest), "bin", process.platform === "win32" ? "anvil.exe" : "anvil");
}

async function untilReady(rpcUrl: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`anvil ended with code ${child.exitCode} before it answered`);
    try {
      await rpc(rpcUrl, "eth_chainId");
      return;
    } catch {
      await sleep(25);
    }
  }
  child.kill("SIGKILL");
  throw new Error("anvil did not answer within ten seconds");
}

/** One JSON-RPC call; throws the node's own message. */
export async function rpc(rpcUrl: string, method: string, parameters: unknown[] = []): Promise<unknown> {
  const response = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: parameters }),
  });
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (answer.error !== undefined) throw new Error(answer.error.message);
  return answer.result;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
