import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProverPool } from "../proving/prover/prover-pool.ts";
import { lockDirectory } from "../store/lock.ts";
import type { Network } from "./network.ts";
import { removeProcessFile, writeProcessFile } from "./process-files.ts";

const PROVER_WATCH_MILLISECONDS = 1_000;

/**
 * One node per folder: a second process would sign with the same keys and numbers. Returns what gives the folder back.
 * Throws `directory-locked`, naming the process that has it.
 */
export function claimHome(home: string): () => void {
  const lock = lockDirectory(join(home, "node"));
  writeProcessFile(home, "node", process.pid);
  return () => {
    removeProcessFile(home, "node");
    lock.release();
  };
}

/** A prover that crashed is replaced, so its pid file is looked after. Returns what ends that. */
export function watchProverProcesses(home: string, prover: ProverPool): () => void {
  const write = () =>
    prover.workers().forEach(({ processId }, number) => {
      if (processId !== undefined) writeProcessFile(home, `prover-${number + 1}`, processId);
    });
  write();
  const timer = setInterval(write, PROVER_WATCH_MILLISECONDS);
  timer.unref();
  return () => {
    clearInterval(timer);
    prover.workers().forEach((_, number) => removeProcessFile(home, `prover-${number + 1}`));
  };
}

/** For the command line beside this network, and the contract addresses alone for a regulator elsewhere. */
export function writeEndpoints(home: string, { httpUrl, mqttUrl, rpcUrl, addresses }: Pick<Network, "httpUrl" | "mqttUrl" | "rpcUrl" | "addresses">): void {
  for (const [name, content] of Object.entries({ endpoints: { httpUrl, mqttUrl, rpcUrl, addresses }, addresses })) {
    const file = join(home, `${name}.json`);
    writeFileSync(`${file}.new`, JSON.stringify(content, null, 2) + "\n");
    renameSync(`${file}.new`, file);
  }
}
