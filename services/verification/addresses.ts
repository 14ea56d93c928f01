import { z } from "zod";
import { ThreadlineError } from "../model/errors.ts";

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "an address is 0x and 40 hex digits");

/** Where the ledger's contracts are; with an RPC URL all that a verifier needs. */
export const ledgerAddressesSchema = z.object({
  participantRegistry: address,
  deviceRegistry: address,
  flowRegistry: address,
  custodyLedger: address,
  exceptionCatalogue: address,
  exceptionRegister: address,
  conditionProofs: address,
  equipmentRegistry: address,
  dispositionRegister: address,
  specificationRegistry: address,
  batchProofs: address,
  releaseRegister: address,
  accessGrants: address,
  conditionSegmentVerifier: address,
  batchReleaseVerifier: address,
  identityChecks: address,
  identityLinkVerifier: address,
});

export type LedgerAddresses = z.output<typeof ledgerAddressesSchema>;
export type ContractName = keyof LedgerAddresses;

/** Throws ThreadlineError `addresses-invalid` naming each address that is missing or malformed. */
export function parseAddresses(value: unknown): LedgerAddresses {
  const parsed = ledgerAddressesSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new ThreadlineError("addresses-invalid", `contract addresses are not usable: ${problems.join("; ")}`, { problems });
}
