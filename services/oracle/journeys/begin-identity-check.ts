import { randomBytes } from "node:crypto";
import { hexlify } from "ethers";
import type { Transaction } from "kysely";
import { stepNumber } from "../../model/custody/index.ts";
import { blindingFromBytes, identityCommitment } from "../../model/identity/index.ts";
import type { Database } from "../../store/schema.ts";
import { journeyCipher, sealedIdentityCheck } from "../../store/vault/index.ts";
import type { Journey } from "./visible.ts";

/** What a scan showed: of the bag's label, and of the wristband. */
export interface ScannedIdentity {
  chainOfIdentity: string;
  /** Pseudonym of the patient in the journey's domain; null where none is bound. */
  patient: string | null;
}

/**
 * Begins an identity check where the flow asks one: commits to what was scanned, and to nothing the node knew before,
 * under a fresh blinding. The prover then shows that it is the journey's identity; from a wrong scan it cannot.
 * A person whose key is not kept here signs before anything is proven. Returns the commitment, or null for a step that
 * asks for no check.
 */
export async function beginIdentityCheck(
  transaction: Transaction<Database>,
  journey: Journey,
  scan: { scanId: string; step: string | undefined; scanned: ScannedIdentity; account: string; signsItself: boolean; atMilliseconds: number },
): Promise<string | null> {
  const step = scan.step === undefined ? -1 : stepNumber(journey.flow, scan.step);
  if ((journey.flow.steps[step]?.identityCheck ?? "none") === "none") return null;
  const blinding = randomBytes(31);
  const { chainOfIdentity, patient } = scan.scanned;
  const commitment = identityCommitment({ coi: chainOfIdentity, patient, blinding: blindingFromBytes(blinding) }).toString();
  const cipher = await journeyCipher(transaction, [journey.journey_id]);
  await transaction
    .insertInto("identity_checks")
    .values({
      linked_commitment: commitment,
      scan_id: scan.scanId,
      journey_id: journey.journey_id,
      step,
      account: scan.account,
      sealed_check: sealedIdentityCheck.seal(cipher, journey.journey_id, commitment, { chainOfIdentity, patient, blinding: hexlify(blinding) }),
      status: scan.signsItself ? "unsigned" : "proving",
      reason: null,
      signed_at: null,
      signature: null,
      created_at_milliseconds: scan.atMilliseconds,
    })
    .execute();
  return commitment;
}
