import { verifyTypedData } from "ethers";
import type { TypedDataField } from "ethers";
import type { LedgerContractName } from "../../ledger/abi.ts";
import { threadlineDomain } from "../../model/custody/index.ts";
import { LONGEST_SIGNATURE_AGE_SECONDS, isFreshSignature } from "../../model/custody/signing-time.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { rfc3339 } from "../schemas/common.ts";

/** A signature of a participant's own, EIP-712. */
export interface SignedValue {
  contract: LedgerContractName;
  types: Record<string, TypedDataField[]>;
  /** Everything signed. */
  value: Record<string, unknown>;
  signature: string;
}

/** What a participant signed on their own machine; `value` is everything but the time. */
export interface OwnSignature extends SignedValue {
  /** Unix seconds. */
  signedAt: number;
}

/**
 * Judges a participant's own signature as the ledger will, so that the caller learns why not.
 * Returns the account that signed. Throws a problem, 403: too old, no signature, or not one of the caller's active accounts.
 */
export async function requireOwnSignature(
  parts: OracleParts,
  caller: Pick<ParticipantCaller, "participantId">,
  { signedAt, value, ...signed }: OwnSignature,
): Promise<string> {
  const time = await parts.now();
  if (!isFreshSignature(signedAt, time))
    throw problem(
      403,
      "signature-stale",
      `signed at ${rfc3339(signedAt)}, now is ${rfc3339(time)}: sign anew within ${LONGEST_SIGNATURE_AGE_SECONDS} s`,
    );
  return requireOwnAccount(parts, caller, { ...signed, value: { ...value, signedAt } });
}

/** As `requireOwnSignature`, for what is signed without a time: a custody event counts once by its sequence number. */
export async function requireOwnAccount(
  { database, ledger }: OracleParts,
  caller: Pick<ParticipantCaller, "participantId">,
  { contract, types, value, signature }: SignedValue,
): Promise<string> {
  const verifyingContract = ledger.addresses[contract];
  const signer = recover(threadlineDomain(ledger.chainId, verifyingContract), types, value, signature);
  const account = await database
    .selectFrom("chain_accounts")
    .innerJoin("chain_participants", "chain_participants.participant_index", "chain_accounts.participant_index")
    .select("account")
    .where("account", "=", signer)
    .where("removed", "=", false)
    .where("participant_id", "=", caller.participantId)
    .executeTakeFirst();
  if (account !== undefined) return signer;
  throw problem(
    403,
    "signature-not-yours",
    `the signature is of ${signer}, which is no active account of yours; sign the values given here on chain ${ledger.chainId}`,
    { signer, verifyingContract, type: Object.keys(types)[0], value },
  );
}

function recover(
  domain: ReturnType<typeof threadlineDomain>,
  types: Record<string, TypedDataField[]>,
  value: Record<string, unknown>,
  signature: string,
): string {
  try {
    return verifyTypedData(domain, types, value, signature).toLowerCase();
  } catch {
    throw problem(403, "signature-invalid", "the signature is none: give r, s and v of a secp256k1 signature, s in its lower half");
  }
}
