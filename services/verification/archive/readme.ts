import type { AuditReport } from "../audit-report.ts";
import { counted } from "../checks/check.ts";
import type { VerifyReport } from "../verify.ts";

export interface ArchiveSubject {
  format: string;
  journeyId: string;
  chainId: string;
  headBlock: number;
  exportedAt: string;
  softwareVersion: string;
}

/** What a reader needs who has these files and nothing else, decades later. */
export function archiveReadme(about: ArchiveSubject, verification: VerifyReport, audit: AuditReport): string {
  return `# Archive of a journey

Journey \`${about.journeyId}\`
of the flow ${audit.flow.name}, version ${audit.flow.version}; chain ${about.chainId} up to block ${about.headBlock}; exported ${about.exportedAt}
by Threadline ${about.softwareVersion} in the format \`${about.format}\`.

At the export: ${counted(audit.events.length, "event")}, ${counted(audit.exceptions.length, "exception")}, ${counted(audit.releases.length, "release")}; the regulator's check said **${verification.verdict}**,
the auditor's replay found ${counted(audit.divergences.length, "divergence")}.

This archive holds what was disclosed in clear. Whoever keeps it answers for it: an erasure at the node does not reach it.

## Files

| file | what it is |
|---|---|
| \`index.html\` | the timeline for people; any browser, no network |
| \`events/NNNN.json\` | each event (GS1 EPCIS 2.0) with its commitment and salt, in the ledger's order |
| \`disclosure.json\` | the same with the exact texts that the commitments bind, exception details, and which segments were proven |
| \`flow.json\` | the flow the journey was judged by, and its hash |
| \`chain/*.json\` | what the chain answered (Ethereum JSON-RPC, one file a method): logs, blocks, transactions with their proofs, code, reads |
| \`contracts/*.abi.json\` | how to read the logs and transactions (Ethereum contract ABI) |
| \`addresses.json\` | which contract stood where |
| \`verification-keys/*.json\` | keys of the proofs, one a circuit (Groth16 over BN254) |
| \`reports/*.json\` | both checks as they came out at the export |
| \`archive.json\` | what this archive is about |
| \`SHA256SUMS\`, \`SHA256SUMS.sha256\` | SHA-256 of every file, and of that list |

## How to check it

\`threadline verify-archive FOLDER\` does all of this without a network. Without Threadline:

1. **Nothing was changed**: \`sha256sum -c SHA256SUMS.sha256 && sha256sum -c SHA256SUMS\`. The SHA-256 of \`SHA256SUMS\` stands for
   the whole archive: compare it with the one that was noted at the export.
2. **Hash chain**: the first head is keccak-256(ABI(journeyId bytes32, flow uint32, identityCommitment bytes32)) of the log
   \`JourneyOpened\`; each \`CustodyEventRecorded\` makes the next: keccak-256(ABI(head bytes32, commitment bytes32, step uint8,
   occurredAt uint40, recordedAt uint40, signer address)).
3. **Signatures**: the signer is who signed the EIP-712 struct \`CustodyEvent\` (domain "Threadline", version "1", this chain, the
   custody ledger); the registry's logs say for which participant that account signed at the time.
4. **Commitments**: an event's commitment is the root of an OpenZeppelin StandardMerkleTree ("standard-v1") over leaves
   (string path, string value, bytes32 salt). The leaf \`text\` is {"eventHash","textHash"}: the CBV 2.0 event hash, and keccak-256
   of context, line feed and body. The leaf \`context\` is the JSON-LD context. Every other leaf is a scalar of the body (or an
   empty object or list) under its JSON pointer; values are canonical JSON (RFC 8785). A leaf's salt is keccak-256(event salt ‖
   "threadline/leaf-salt/1:" ‖ path).
5. **Proofs**: the transactions to the contract \`conditionProofs\` carry Groth16 proofs; check each with
   \`verification-keys/condition-segment.json\`; those to \`identityChecks\` with \`verification-keys/identity-link.json\`.
6. **The chain itself**: compare the block hashes in \`chain/eth_getBlockByNumber.json\` with any other copy of the chain.
`;
}
