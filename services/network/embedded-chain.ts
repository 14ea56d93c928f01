import { spawn } from "node:child_process";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { JsonRpcProvider } from "ethers";
import { removeProcessFile, runningProcess, writeProcessFile } from "./process-files.ts";

/** Chain id of the embedded development chain; development proving keys deploy on development chains only. */
export const EMBEDDED_CHAIN_ID = 31_337;

const SHORTEST_SNAPSHOT_INTERVAL_MILLISECONDS = 1_000;

export interface EmbeddedChain {
  rpcUrl: string;
  pid: number;
  /** Moves the chain's clock forward to this time, never back; for played journeys. */
  advanceClock(unixSeconds: number): Promise<void>;
  /** The chain's own clock, Unix seconds; a played journey sets it to another time than the machine's. */
  now(): Promise<number>;
  /** Writes the chain's state to disk now. */
  snapshot(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Runs anvil as a child with its state kept under `<home>/chain/`. A chain that outlived its killed parent is adopted;
 * one that died starts from its last snapshot, and the relay's stored raw transactions bring back what came after.
 */
export async function startEmbeddedChain(options: {
  home: string;
  host: string;
  port: number;
  startSeconds?: number | undefined;
}): Promise<EmbeddedChain> {
  const directory = join(options.home, "chain");
  const stateFile = join(directory, "state.json");
  mkdirSync(directory, { recursive: true });
  const left = runningProcess(options.home, "chain");
  const adopted = left !== undefined && typeof left["rpcUrl"] === "string" && (await answers(left["rpcUrl"]));
  const { pid, rpcUrl } = adopted
    ? { pid: left.pid, rpcUrl: left["rpcUrl"] as string }
    : await launch(options, stateFile, directory);
  const provider = new JsonRpcProvider(rpcUrl, EMBEDDED_CHAIN_ID, { staticNetwork: true, cacheTimeout: -1 });
  let snapshotBlock = -1;
  let pending: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function writeSnapshot(): Promise<void> {
    const block = await provider.getBlockNumber();
    if (block === snapshotBlock) return;
    const dump = (await provider.send("anvil_dumpState", [])) as string;
    writeDurably(stateFile, gunzipSync(Buffer.from(dump.slice(2), "hex")));
    snapshotBlock = block;
  }

  function snapshot(): Promise<void> {
    pending ??= writeSnapshot().finally(() => (pending = undefined));
    return pending;
  }

  /** A large state takes long to dump, so the pause grows with it: at most a twentieth of the time goes to dumps. */
  function schedule(lastMilliseconds: number): void {
    if (closed) return;
    const pause = Math.max(SHORTEST_SNAPSHOT_INTERVAL_MILLISECONDS, 20 * lastMilliseconds);
    timer = setTimeout(() => {
      const started = performance.now();
      snapshot()
        .catch(() => undefined)
        .finally(() => schedule(performance.now() - started));
    }, pause);
    timer.unref();
  }
  schedule(0);

  return {
    rpcUrl,
    pid,
    async advanceClock(unixSeconds) {
      const latest = await provider.getBlock("latest");
      if (latest === null || unixSeconds <= latest.timestamp) return;
      await provider.send("evm_setTime", [unixSeconds]);
      // What is asked of the newest block, the time of signing above all, must see the new time at once.
      await provider.send("evm_mine", []);
    },
    async now() {
      const pending = (await provider.send("eth_getBlockByNumber", ["pending", false])) as { timestamp: string };
      return Number(BigInt(pending.timestamp));
    },
    snapshot,
    async close() {
      closed = true;
      clearTimeout(timer);
      await snapshot().catch(() => undefined);
      provider.destroy();
      process.kill(pid, "SIGTERM");
      await gone(pid);
      removeProcessFile(options.home, "chain");
    },
  };
}

async function launch(
  options: { home: string; host: string; port: number; startSeconds?: number | undefined },
  stateFile: string,
  directory: string,
): Promise<{ pid: number; rpcUrl: string }> {
  const port = options.port === 0 ? await freePort(options.host) : options.port;
  const rpcUrl = `http://${options.host}:${port}`;
  if (await answers(rpcUrl)) {
    throw new Error(
      `port ${port} already answers as a chain; stop that process, or set THREADLINE_RPC_PORT (or THREADLINE_RPC_URL to use it)`,
    );
  }
  const log = openSync(join(directory, "anvil.log"), "a");
  const child = spawn(
    anvilBinary(),
    [
      ...["--host", options.host, "--port", String(port), "--chain-id", String(EMBEDDED_CHAIN_ID)],
      ...["--hardfork", "london", "--gas-price", "0", "--base-fee", "0", "--gas-limit", "100000000"],
      ...(existsSync(stateFile) ? ["--load-state", stateFile] : []),
      ...(options.startSeconds === undefined ? [] : ["--timestamp", String(options.startSeconds)]),
      "--quiet",
    ],
    { stdio: ["ignore", log, log], detached: true },
  );
  closeSync(log);
  child.unref();
  if (child.pid === undefined) throw new Error("anvil could not be started; run npm ci again");
  writeProcessFile(options.home, "chain", child.pid, { rpcUrl });
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) break;
    if (await answers(rpcUrl)) return { pid: child.pid, rpcUrl };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`anvil does not answer at ${rpcUrl}; its own words are in ${join(directory, "anvil.log")}`);
}

/** The native binary of the platform package, so that the process we signal is the chain itself. */
function anvilBinary(): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const platform = process.platform === "win32" ? "win32" : process.platform;
  const suffix = process.platform === "win32" ? ".exe" : "";
  const name = `@foundry-rs/anvil-${platform}-${architecture}/bin/anvil${suffix}`;
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    throw new Error(`no embedded chain for ${platform}-${architecture}; set THREADLINE_RPC_URL to an EVM node`);
  }
}

async function answers(rpcUrl: string): Promise<boolean> {
  try {
    const response = await fetch(rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] }),
      signal: AbortSignal.timeout(1_000),
    });
    return response.ok;
  } catch {
    return false;
  }
}

export function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

function writeDurably(file: string, bytes: Uint8Array): void {
  const descriptor = openSync(`${file}.new`, "w");
  writeSync(descriptor, bytes);
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(`${file}.new`, file);
}

async function gone(pid: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
