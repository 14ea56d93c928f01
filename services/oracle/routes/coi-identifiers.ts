import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ThreadlineError } from "../../model/errors.ts";
import { checkCharacter, formatCoiIdentifier, generateCoiIdentifier } from "../../model/identity/index.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { identityIndex, issuedIdentifierIndex } from "../../store/identities.ts";
import { vaultOf } from "../../store/vault/index.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";

/** Random sequences that were issued before are drawn again; so many in a row mean the year is used up. */
const MOST_DRAWS = 20;

const wantedSchema = z.strictObject({
  facility: z
    .string()
    .regex(/^[A-NP-Z1-9][0-9A-Z]{4}$/, "five characters of facility identification number")
    .meta({ description: "Facility identification number of the issuing organisation" }),
  year: z.int().min(2000).max(2099).optional().meta({ description: "Year of assignment; this year when left out" }),
  sequence: z
    .string()
    .regex(/^[0-9A-Z]{6}$/, "six of 0-9 and A-Z")
    .optional()
    .meta({ description: "The issuer's running number; random when left out. Nothing of the patient is taken" }),
});

const issuedSchema = z.strictObject({
  chainOfIdentity: z.string(),
  checkCharacter: z.string(),
  eyeReadable: z.string(),
  dataStructure: z.string(),
});

/** Issues Chain of Identity identifiers. The body has no field for personal data, and one that is sent is refused. */
export function coiIdentifierOperations({ database }: OracleParts): Operation[] {
  const issue = operation({
    operationId: "issueCoiIdentifier",
    method: "post",
    path: "/chain-of-identity-identifiers",
    tag: "identity",
    summary: "Issue a Chain of Identity identifier that nobody had before and that means nothing",
    body: wantedSchema,
    responses: {
      201: { description: "Issued once and for all.", schema: issuedSchema },
      400: { description: "Malformed, or it could be read back to a patient." },
      409: { description: "Issued before." },
    },
    async handle({ body, caller }) {
      const year = body.year ?? new Date().getUTCFullYear();
      const draws = body.sequence === undefined ? MOST_DRAWS : 1;
      for (let draw = 0; draw < draws; draw += 1) {
        const { coi } = generated(body.facility, year, body.sequence);
        if (await keep(coi, (caller as ParticipantCaller).participantId))
          return {
            status: 201,
            body: {
              chainOfIdentity: coi,
              checkCharacter: checkCharacter(coi),
              eyeReadable: formatCoiIdentifier(coi, "eye-readable"),
              dataStructure: formatCoiIdentifier(coi, "data-structure"),
            },
          };
      }
      throw problem(409, "identifier-issued", "the identifier was issued before; take the next number, or leave the sequence out");
    },
  });

  function generated(facility: string, year: number, sequence: string | undefined) {
    try {
      const source = sequence === undefined ? ({ kind: "random", randomBytes } as const) : ({ kind: "sequence", sequence } as const);
      return generateCoiIdentifier({ facility, year, source });
    } catch (error) {
      if (error instanceof ThreadlineError && error.code.startsWith("identity-")) throw problem(400, error.code, error.message);
      throw error;
    }
  }

  /** False when it was issued here before, or a journey was opened under it that was issued elsewhere. */
  async function keep(coi: string, participantId: string): Promise<boolean> {
    return database.transaction().execute(async (transaction) => {
      const journey = await transaction
        .selectFrom("journeys")
        .select("journey_id")
        .where("identity_index", "=", identityIndex(vaultOf(transaction), coi))
        .executeTakeFirst();
      if (journey !== undefined) return false;
      const inserted = await transaction
        .insertInto("issued_identifiers")
        .values({ identifier_index: issuedIdentifierIndex(vaultOf(transaction), coi), issued_by: participantId, issued_at_milliseconds: Date.now() })
        .onConflict((conflict) => conflict.doNothing())
        .returning("identifier_index")
        .executeTakeFirst();
      return inserted !== undefined;
    });
  }

  return [issue];
}
