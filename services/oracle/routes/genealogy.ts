import { z } from "zod";
import { canonicalEpc, parseCoiIdentifier, parseDonationIdentificationNumber } from "../../model/identity/index.ts";
import { donationNode, donorNode, GENEALOGY_KINDS, patientNode } from "../../model/quality/genealogy.ts";
import { queryGenealogy } from "../batch/genealogy-query.ts";
import type { GenealogyRow } from "../batch/genealogy-query.ts";
import { sees } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import type { OracleParts } from "../oracle-parts.ts";

const MAXIMUM_EDGES = 10_000;

const querySchema = z.strictObject({
  of: z.string().min(1).max(500).meta({
    description: "Chain of Identity, donation number, EPC (Digital Link or URN), batch, or material lot node",
  }),
  direction: z.enum(["forward", "backward", "both"]).default("both"),
});

const edgeSchema = z.strictObject({
  direction: z.enum(["forward", "backward"]),
  from: z.string(),
  to: z.string(),
  kind: z.enum(GENEALOGY_KINDS),
  journeyId: z.string().nullable(),
});

const genealogySchema = z.strictObject({
  of: z.string(),
  direction: z.enum(["forward", "backward", "both"]),
  edges: z.array(edgeSchema),
  donors: z.array(z.string()).meta({ description: "Chain of Identity of each donor reached" }),
  patients: z.array(z.string()).meta({ description: "Chain of Identity of each patient reached" }),
  donations: z.array(z.string()),
  batches: z.array(z.string()),
  journeys: z.array(z.string()),
  truncated: z.boolean().meta({ description: `More than ${MAXIMUM_EDGES} edges: ask one direction, or of a narrower node` }),
});

/** Genealogy both ways: donor → patient, patient → donor, raw material → batches (Directive 2004/23/EC, Art. 8). */
export function genealogyOperations(parts: OracleParts): Operation[] {
  const genealogy = operation({
    operationId: "getGenealogy",
    method: "get",
    path: "/genealogy",
    tag: "genealogy",
    summary: "What a donation, patient, EPC, batch or lot came from and went into, within the journeys the caller may see",
    query: querySchema,
    queryDocument: querySchema,
    responses: { 200: { description: "Every edge on the way; to who may see no identity only the journeys reached.", schema: genealogySchema } },
    async handle({ query, caller }) {
      const { of, direction } = query;
      const nodes = nodesOf(of);
      const rows = await queryGenealogy(
        parts.database,
        caller,
        { forward: direction === "backward" ? [] : nodes.forward, backward: direction === "forward" ? [] : nodes.backward },
        MAXIMUM_EDGES + 1,
      );
      const found = rows.slice(0, MAXIMUM_EDGES);
      const edges = found.map(edgeOf);
      // What is kept of an erased subject was walked for who may trace it only.
      const shown = sees(caller, "identity") ? edges : found.filter((row) => row.for_tracing_only).map(edgeOf);
      const reached = new Set(shown.flatMap(({ from, to }) => [from, to]));
      const named = (prefix: string) => [...reached].filter((node) => node.startsWith(prefix)).map((node) => node.slice(prefix.length)).sort();
      const body = {
        of,
        direction,
        edges: shown,
        donors: named(donorNode("")),
        patients: named(patientNode("")),
        donations: named(donationNode("")),
        batches: batchesOf(shown),
        journeys: [...new Set(edges.flatMap(({ journeyId }) => (journeyId === null ? [] : [journeyId])))].sort(),
        truncated: rows.length > MAXIMUM_EDGES,
      };
      return { status: 200, body, journeyIds: body.journeys };
    },
  });
  return [genealogy];
}

function edgeOf({ direction, from_node: from, to_node: to, kind, journey_id: journeyId }: GenealogyRow) {
  return { direction, from, to, kind, journeyId };
}

/** Where a walk starts: a person is a donor on the way forward and a patient on the way back. */
export function nodesOf(identifier: string): { forward: string[]; backward: string[] } {
  const coi = parseCoiIdentifier(identifier);
  if (coi.ok) return { forward: [donorNode(coi.value.coi)], backward: [patientNode(coi.value.coi)] };
  const din = parseDonationIdentificationNumber(identifier);
  const node = din.ok ? donationNode(din.value.din) : /^[A-Za-z][A-Za-z0-9+.-]*:/.test(identifier) ? canonicalEpc(identifier) : identifier;
  return { forward: [node], backward: [node] };
}

function batchesOf(edges: readonly { from: string; to: string; kind: string }[]): string[] {
  const named = edges.flatMap(({ to, kind }) => (kind === "input" || kind === "material" ? [to] : []));
  return [...new Set(named)].sort();
}
