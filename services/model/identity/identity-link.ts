import { toCircuitInputs } from "../circuit-inputs.ts";
import type { CircuitInputs } from "../circuit-inputs.ts";
import { ThreadlineError } from "../errors.ts";
import { FIELD_ORDER, invertFieldElement, isFieldElement } from "../field.ts";
import { proofContext } from "../proof-context.ts";
import type { ProofPlace } from "../proof-context.ts";
import { assertBlinding, coiToNumber, identityCommitment, patientToNumber } from "./identity-commitment.ts";
import type { IdentityOpening } from "./identity-commitment.ts";
import { IDENTITY_LINK } from "./signals.generated.ts";
import type { IdentityLinkSignals } from "./signals.generated.ts";

export interface IdentityLinkContextParts extends ProofPlace {
  /** Number of the flow's step at which identity is checked. */
  step: number;
}

/** What the circuit `identity-link` states, with the secrets. */
export interface IdentityLinkStatement extends IdentityOpening {
  /** See `identityLinkContext`. */
  context: bigint;
  /** 248 random bits for the commitment made at this check; another one than `blinding`. */
  linkedBlinding: bigint;
}

/** What binds a proof to one chain, contract, journey and step, see `proofContext`. */
export function identityLinkContext(parts: IdentityLinkContextParts): bigint {
  return proofContext(parts, parts.step);
}

/**
 * The three public signals by name and in the circuit's order. Throws `identity-link-not-provable` for equal blindings or a
 * context beyond the field, and as `identityCommitment` does.
 */
export function identityLinkPublicSignals(statement: IdentityLinkStatement): { named: IdentityLinkSignals; ordered: bigint[] } {
  const { context, blinding, linkedBlinding } = statement;
  assertBlinding(linkedBlinding);
  if (blinding === linkedBlinding) throw new ThreadlineError("identity-link-not-provable", "both commitments have the same blinding; draw another one for the linked commitment");
  if (!isFieldElement(context)) throw new ThreadlineError("identity-link-not-provable", `the context ${context} is not below the field's order`);
  const named: IdentityLinkSignals = {
    context,
    identityCommitment: identityCommitment(statement),
    linkedCommitment: identityCommitment({ ...statement, blinding: linkedBlinding }),
  };
  return { named, ordered: IDENTITY_LINK.publicSignals.map((name) => named[name]) };
}

/** All inputs of the circuit `identity-link`. Throws as `identityLinkPublicSignals` does. */
export function identityLinkInputs(statement: IdentityLinkStatement): CircuitInputs {
  const { blinding, linkedBlinding } = statement;
  return toCircuitInputs({
    ...identityLinkPublicSignals(statement).named,
    coi: coiToNumber(statement.coi),
    patient: patientToNumber(statement.patient),
    blinding,
    linkedBlinding,
    inverseOfDifference: invertFieldElement(blinding - linkedBlinding + FIELD_ORDER),
  });
}
