import { getBytes } from "ethers";
import type { Kysely, Selectable } from "kysely";
import type { Logger } from "pino";
import { ThreadlineError } from "../model/errors.ts";
import { blindingFromBytes, commitmentToBytes32, identityCommitment, identityLinkContext, identityLinkInputs } from "../model/identity/index.ts";
import { openIdentities } from "../store/identities.ts";
import { journeyCipher, sealedIdentityCheck } from "../store/vault/index.ts";
import { enqueueOperation } from "../store/outbox.ts";
import { recordException } from "../store/exception-details.ts";
import type { Database, IdentityCheckRow } from "../store/schema.ts";
import { createProofQueue } from "./proof-queue.ts";
import type { ProofQueue } from "./proof-queue.ts";
import { proofToCalldata } from "./prover/proof-calldata.ts";
import type { ProverPool } from "./prover/prover-pool.ts";

export interface IdentityCoordinatorSettings {
  chainId: bigint;
  /** Address of `IdentityChecks`. */
  identityChecks: string;
  /** How often it looks for work nobody announced. */
  sweepMilliseconds?: number;
}

interface Parts {
  database: Kysely<Database>;
  prover: ProverPool;
  logger: Logger;
  onOperation: () => void;
}

type Row = Selectable<IdentityCheckRow>;

/**
 * Proves identity checks one after the other and hands them to the ledger. Its state is in the database only, so a crash
 * costs a proof at most. A scan of another identity has no proof: its check ends unprovable, with an exception.
 */
export function createIdentityCoordinator(settings: IdentityCoordinatorSettings, parts: Parts): ProofQueue {
  return createProofQueue<Row>({
    what: "an identity check",
    concurrency: 1,
    waiting: (limit) =>
      parts.database
        .selectFrom("identity_checks")
        .selectAll()
        .where("status", "=", "proving")
        .orderBy("created_at_milliseconds")
        .limit(limit)
        .execute(),
    keyOf: (row) => row.linked_commitment,
    async prove(row) {
      await proveCheck(settings, parts, row);
      parts.onOperation();
    },
    logger: parts.logger,
    sweepMilliseconds: settings.sweepMilliseconds,
  });
}

/** Proves one check, and stores proof and operation together. */
async function proveCheck(settings: IdentityCoordinatorSettings, { database, prover }: Parts, row: Row): Promise<void> {
  const journey = await database
    .selectFrom("journeys")
    .select(["journey_id", "sealed_identity", "identity_commitment"])
    .where("journey_id", "=", row.journey_id)
    .executeTakeFirstOrThrow();
  const cipher = await journeyCipher(database, [row.journey_id]);
  const check = sealedIdentityCheck.open(cipher, row.journey_id, row.linked_commitment, row.sealed_check);
  const identity = (await openIdentities(database, [journey])).get(row.journey_id) ?? null;
  // What was erased on the subject's request can be proven no more.
  if (check === null || identity === null) return refuse(database, row);
  const scanned = { coi: check.chainOfIdentity, patient: check.patient };
  const blinding = blindingFromBytes(getBytes(identity.identitySalt));
  if (commitmentToBytes32(identityCommitment({ ...scanned, blinding })) !== journey.identity_commitment) return refuse(database, row);
  const context = identityLinkContext({
    chainId: settings.chainId,
    contract: settings.identityChecks,
    journeyId: row.journey_id,
    step: row.step,
  });
  const inputs = identityLinkInputs({ ...scanned, context, blinding, linkedBlinding: blindingFromBytes(getBytes(check.blinding)) });
  const { proof } = await prover.prove("identity-link", inputs).catch((error: unknown) => {
    if (error instanceof ThreadlineError && error.code === "witness-refused") return { proof: null };
    throw error;
  });
  if (proof === null) return refuse(database, row);
  const { a, b, c } = proofToCalldata(proof);
  await database.transaction().execute(async (transaction) => {
    await transaction.updateTable("identity_checks").set({ status: "proven" }).where("linked_commitment", "=", row.linked_commitment).execute();
    await enqueueOperation(transaction, {
      idempotencyKey: `identity-check:${row.linked_commitment}`,
      kind: "record-identity-check",
      journeyId: row.journey_id,
      payload: {
        journeyId: row.journey_id,
        step: row.step,
        linkedCommitment: row.linked_commitment,
        account: row.account,
        own: row.signed_at === null || row.signature === null ? null : { signedAt: row.signed_at, signature: row.signature },
        proofA: a.map(String),
        proofB: b.map((pair) => pair.map(String)),
        proofC: c.map(String),
      },
    });
  });
}

/** What was scanned is not what the journey was opened with. */
async function refuse(database: Kysely<Database>, row: Row): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await transaction
      .updateTable("identity_checks")
      .set({ status: "unprovable", reason: "what was scanned is not the identity the journey was opened with" })
      .where("linked_commitment", "=", row.linked_commitment)
      .execute();
    await recordException(transaction, {
      journeyId: row.journey_id,
      code: "identity-mismatch",
      leg: null,
      occurredAt: Math.floor(row.created_at_milliseconds / 1000),
      observed: "another identity",
      limit: "the identity the journey was opened with",
      unit: "identity",
      message: `what was scanned at step ${row.step} does not prove to be the journey's Chain of Identity and patient`,
      key: `identity-check:${row.linked_commitment}`,
    });
  });
}
