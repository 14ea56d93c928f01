import type { CircuitInputs } from "../../../services/model/circuit-inputs.ts";
import { FIELD_ORDER, invertFieldElement } from "../../../services/model/field.ts";
import { poseidonChain } from "../../../services/model/condition/poseidon.ts";
import type { IdentityLinkStatement } from "../../../services/model/identity/index.ts";

/** A made-up identifier and pseudonym. */
export function linkStatement(changes: Partial<IdentityLinkStatement> = {}): IdentityLinkStatement {
  return { context: 1234n, coi: "CHW123426AB12CD", patient: "5a".repeat(31), blinding: 77n, linkedBlinding: 78n, ...changes };
}

/** What a forger could do: commits to whatever field elements stand in the inputs, without any of the model's checks. */
export function committedAnew(inputs: CircuitInputs): CircuitInputs {
  const field = (name: string): bigint => ((BigInt(inputs[name] as string) % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER;
  const [coi, patient, blinding, linkedBlinding] = [field("coi"), field("patient"), field("blinding"), field("linkedBlinding")];
  return {
    ...inputs,
    ...Object.fromEntries(Object.entries({ coi, patient, blinding, linkedBlinding }).map(([name, value]) => [name, String(value)])),
    identityCommitment: String(poseidonChain([coi, patient, blinding])),
    linkedCommitment: String(poseidonChain([coi, patient, linkedBlinding])),
    inverseOfDifference: blinding === linkedBlinding ? "0" : String(invertFieldElement(blinding - linkedBlinding)),
  };
}
