import type { LedgerClient } from "../../ledger/client.ts";
import { gateNumber } from "../../model/custody/index.ts";
import { problem } from "../http/problem.ts";
import { askLedger } from "./ask-ledger.ts";
import type { Journey } from "./visible.ts";

/** Twin of `IReleaseRegister.CheckKind`: the place in the list is the number. */
const KINDS = [
  "step",
  "leg",
  "gate",
  "no-open-exception",
  "identity-check",
  "specification",
  "disposition",
  "equipment",
] as const;

/** Twin of `IReleaseRegister.Status`. */
export const CHECK_STATUSES = ["pending", "compliant", "not-compliant", "completed", "error"] as const;

/** One release check as the ledger answers it, with its name instead of its number. */
export interface GateCheck {
  check: (typeof KINDS)[number];
  name: string | null;
  status: (typeof CHECK_STATUSES)[number];
}

/** Number of a named gate of the journey's flow; 404 when the flow has none of that name. */
export function gateOf(journey: Journey, gate: string): number {
  const number = gateNumber(journey.flow, gate);
  if (number >= 0) return number;
  const known = journey.flow.gates.map((candidate) => candidate.gate).join(", ") || "none";
  throw problem(404, "unknown-gate", `the flow "${journey.flow.name}" has no gate "${gate}"; it has: ${known}`);
}

/** Asks the ledger itself, at its newest block. 409 while the journey is not on it, 503 when it does not answer. */
export async function gateChecks(ledger: LedgerClient, journey: Journey, gate: number): Promise<GateCheck[]> {
  return askLedger(async () => {
    const [list] = await ledger.read("releaseRegister", "checks", [journey.journey_id, gate]);
    return (list as [bigint, bigint, bigint][]).map(([kind, number, status]) => ({
      check: kindOf(Number(kind)),
      name: nameOf(journey, kindOf(Number(kind)), Number(number)),
      status: CHECK_STATUSES[Number(status)] ?? "error",
    }));
  });
}

function kindOf(kind: number): GateCheck["check"] {
  const name = KINDS[kind];
  if (name === undefined) throw new RangeError(`the ledger answers a release check of kind ${kind}, which is not known here`);
  return name;
}

function nameOf(journey: Journey, kind: GateCheck["check"], number: number): string | null {
  if (kind === "step" || kind === "identity-check") return journey.flow.steps[number]?.step ?? null;
  if (kind === "leg" || kind === "equipment") return journey.flow.legs[number]?.leg ?? null;
  if (kind === "gate") return journey.flow.gates[number]?.gate ?? null;
  if (kind === "specification") return journey.flow.specifications[number]?.name ?? null;
  return null;
}

export function failingChecks(checks: readonly GateCheck[]): GateCheck[] {
  return checks.filter((check) => check.status !== "compliant" && check.status !== "completed");
}

/** The checks in a sentence, for a problem's detail. */
export function describeChecks(checks: readonly GateCheck[]): string {
  return checks
    .map((check) => `${check.check}${check.name === null ? "" : ` "${check.name}"`} is ${check.status}`)
    .join(", ");
}
