import { join } from "node:path";
import { identityLinkInputs, identityLinkPublicSignals } from "../../../services/model/identity/index.ts";
import type { IdentityLinkStatement } from "../../../services/model/identity/index.ts";
import { proofToCalldata } from "../../../services/proving/prover/proof-calldata.ts";
import { createProverPool } from "../../../services/proving/prover/prover-pool.ts";

const ROOT = join(import.meta.dirname, "../../..");

export interface ProvenLink {
  linkedCommitment: bigint;
  proofA: [bigint, bigint];
  proofB: [[bigint, bigint], [bigint, bigint]];
  proofC: [bigint, bigint];
}

/** Proves each statement with the development key, as `IdentityChecks.record` takes it. */
export async function proveLinks(statements: readonly IdentityLinkStatement[]): Promise<ProvenLink[]> {
  const pool = await createProverPool({
    workers: 1,
    circuits: ["identity-link"],
    circuitsDirectory: join(ROOT, "circuits"),
    buildDirectory: join(ROOT, "build/circuits"),
  });
  try {
    const links: ProvenLink[] = [];
    for (const statement of statements) {
      const { proof } = await pool.prove("identity-link", identityLinkInputs(statement));
      const { a, b, c } = proofToCalldata(proof);
      const { linkedCommitment } = identityLinkPublicSignals(statement).named;
      links.push({ linkedCommitment, proofA: a, proofB: b, proofC: c });
    }
    return links;
  } finally {
    await pool.close();
  }
}
