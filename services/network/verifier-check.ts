import { join } from "node:path";
import { projectRoot } from "../../scripts/build/ensure-built.ts";
import type { LedgerClient } from "../ledger/index.ts";
import type { CircuitName } from "../model/circuit-inputs.ts";
import { assertArtifacts, circuitArtifactPaths, readArtifactLock } from "../proving/prover/artifact-lock.ts";
import type { CircuitLock } from "../proving/prover/artifact-lock.ts";
import { pushedConstants } from "../verification/bytecode.ts";
import { VERIFIED_CIRCUITS, VERIFIERS } from "../verification/checks/verifying-key.ts";
import { keyConstants, readShippedVerificationKey } from "../verification/verification-key.ts";

/**
 * Whether the artefacts of every circuit on disk are the locked ones and each verifying key here is the one in the
 * verifier on chain. Throws what differs.
 */
export async function checkVerifiers(ledger: LedgerClient, addresses: Record<string, string>): Promise<Record<string, unknown>> {
  const lock = await readArtifactLock(join(projectRoot, "circuits"));
  const circuits = await Promise.all(
    VERIFIED_CIRCUITS.map(async (circuit) => [circuit, await checkVerifier(ledger, circuit, addresses[VERIFIERS[circuit]] ?? "", lock[circuit])]),
  );
  return { circuits: Object.fromEntries(circuits) as Record<string, unknown>, keysMatchChain: true };
}

async function checkVerifier(ledger: LedgerClient, circuit: CircuitName, verifier: string, lock: CircuitLock | undefined) {
  const directories = { circuitsDirectory: join(projectRoot, "circuits"), buildDirectory: join(projectRoot, "build", "circuits") };
  await assertArtifacts(circuit, circuitArtifactPaths(circuit, directories), lock);
  const onChain = pushedConstants(await ledger.provider.getCode(verifier));
  const missing = keyConstants(await readShippedVerificationKey(circuit)).filter((constant) => !onChain.has(constant));
  if (missing.length > 0)
    throw new Error(`the verifier of ${circuit} at ${verifier} holds another verifying key: ${missing.length} of its constants are not there`);
  return { zkey: lock?.zkey, verifier };
}
