import { join } from "node:path";
import { projectRoot } from "../../scripts/build/ensure-built.ts";
import type { LedgerClient } from "../ledger/index.ts";
import type { CircuitName } from "../model/circuit-inputs.ts";
import { assertArtifacts, circuitArtifactPaths, readArtifactLock } from "../proving/prover/artifact-lock.ts";
import { pushedConstants } from "../verification/bytecode.ts";
import { keyConstants, readShippedVerificationKey } from "../verification/verification-key.ts";

/**
 * Whether a circuit's artefacts on disk are the locked ones and the verifying key here is the one in the verifier on chain.
 * Throws what differs.
 */
export async function checkVerifier(ledger: LedgerClient, verifierAddress: string, circuit: CircuitName = "condition-segment"): Promise<Record<string, unknown>> {
  const circuitsDirectory = join(projectRoot, "circuits");
  const paths = circuitArtifactPaths(circuit, { circuitsDirectory, buildDirectory: join(projectRoot, "build", "circuits") });
  const lock = (await readArtifactLock(circuitsDirectory))[circuit];
  await assertArtifacts(circuit, paths, lock);
  const onChain = pushedConstants(await ledger.provider.getCode(verifierAddress));
  const missing = keyConstants(await readShippedVerificationKey(circuit)).filter((constant) => !onChain.has(constant));
  if (missing.length > 0)
    throw new Error(`the verifier at ${verifierAddress} holds another verifying key: ${missing.length} of its constants are not there`);
  return { circuit, zkey: lock?.zkey, verifier: verifierAddress, keysMatchChain: true };
}
