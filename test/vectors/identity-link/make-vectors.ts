/** Writes the golden vectors beside this file; the same bytes on every run. Run with: node test/vectors/identity-link/make-vectors.ts */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityCommitment, identityLinkInputs, identityLinkPublicSignals } from "../../../services/model/identity/index.ts";
import type { IdentityLinkStatement } from "../../../services/model/identity/index.ts";
import type { CircuitInputs } from "../../../services/model/circuit-inputs.ts";
import { committedAnew, linkStatement } from "../../circuits/support/identities.ts";

const generator = "test/vectors/identity-link/make-vectors.ts";
const text = (value: bigint): string => String(value);

function write(name: string, value: object): void {
  writeFileSync(join(import.meta.dirname, `${name}.json`), `${JSON.stringify({ generator, seed: name, ...value }, null, 2)}\n`);
}

function valid(name: string, changes: Partial<IdentityLinkStatement>): void {
  const statement = linkStatement(changes);
  const written = Object.fromEntries(Object.entries(statement).map(([key, value]) => [key, typeof value === "bigint" ? text(value) : value]));
  write(`valid-${name}`, { statement: written, publicSignals: identityLinkPublicSignals(statement).ordered.map(text) });
}

function invalid(name: string, reason: string, circuitInputs: CircuitInputs): void {
  write(`invalid-${name}`, { reason, circuitInputs });
}

const honest = identityLinkInputs(linkStatement());
valid("patient-bound", {});
valid("no-patient", { patient: null });
valid("largest", { patient: "ff".repeat(31), blinding: 2n ** 248n - 1n, linkedBlinding: 2n ** 248n - 2n, context: 2n ** 253n - 1n });
valid("smallest-blindings", { blinding: 1n, linkedBlinding: 2n });
invalid("swapped-bag", "the linked commitment hides another identifier", { ...honest, linkedCommitment: text(identityCommitment({ ...linkStatement({ coi: "CHW123426AB12CE" }), blinding: 78n })) });
invalid("other-patient", "the linked commitment hides another patient", { ...honest, linkedCommitment: text(identityCommitment({ ...linkStatement({ patient: "5b".repeat(31) }), blinding: 78n })) });
invalid("equal-blindings", "the old commitment is shown again", committedAnew({ ...honest, linkedBlinding: "77" }));
invalid("long-identifier", "the identifier has more than 120 bits", committedAnew({ ...honest, coi: text(2n ** 120n) }));
