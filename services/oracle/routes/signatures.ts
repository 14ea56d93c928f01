import type { Kysely } from "kysely";
import { z } from "zod";
import { rolesSee } from "../../model/privacy/views.ts";
import type { Database } from "../../store/schema.ts";
import type { Caller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { signaturesOf } from "../signing/signatures.ts";
import { journeyPath, momentText, rfc3339 } from "../schemas/common.ts";

const signatureSchema = z.strictObject({
  act: z.string(),
  meaning: z.string().meta({ description: "In words, made from what is signed (21 CFR 11.50 (a)(3))" }),
  signer: z.strictObject({
    name: z
      .string()
      .nullable()
      .meta({ description: "Printed name (21 CFR 11.50 (a)(1)), for whose duty reads decisions, and for the signer's own organisation; null for an integration" }),
    organisation: z.string().nullable(),
    gln: z.string().nullable(),
    account: z.string().nullable(),
    hostedKey: z.boolean().meta({ description: "A node keeps the key for an integration that cannot sign, as the ledger says" }),
  }),
  signedAt: momentText.nullable(),
  recordedAt: momentText,
  recordHash: z.string().meta({ description: "The record the signature is linked to (21 CFR 11.70)" }),
  transactionHash: z.string().nullable(),
});

/** Who signed what on a journey's record, under which key, and where it stands on the ledger. */
export function signatureOperations(parts: OracleParts): Operation[] {
  const { database } = parts;
  const list = operation({
    operationId: "listSignatures",
    method: "get",
    path: "/journeys/{journeyId}/signatures",
    tag: "release",
    summary: "Every signature on the journey's record: signer, meaning, time, record hash, own key or hosted",
    parameters: journeyPath,
    responses: {
      200: { description: "In the ledger's order.", schema: z.strictObject({ signatures: z.array(signatureSchema) }) },
      404: { description: "No such journey." },
    },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      const recorded = await signaturesOf(parts, journey);
      const signers = await signersOf(database, recorded.flatMap(({ account }) => account ?? []));
      const signatures = recorded.map(({ statement, meaning, recordHash, account, signedAt, recordedAt, transactionHash }) => {
        const known = signers.get(account ?? "");
        return {
          act: statement.act,
          meaning,
          signer: {
            name: known !== undefined && readsName(caller, known.participantId) ? known.person : null,
            organisation: known?.organisation ?? null,
            gln: known?.gln ?? null,
            account,
            hostedKey: known?.hosted ?? false,
          },
          signedAt: signedAt === null ? null : rfc3339(signedAt),
          recordedAt: rfc3339(recordedAt),
          recordHash,
          transactionHash,
        };
      });
      return { status: 200, body: { signatures } };
    },
  });
  return [list];
}

/** Names of persons are told to whoever judges what they did, and at home: a courier needs the organisation only. */
function readsName(caller: Caller, participantId: string | null): boolean {
  return caller.kind === "operator" || caller.participantId === participantId || rolesSee(caller.roles, "quality");
}

async function signersOf(database: Kysely<Database>, accounts: readonly string[]) {
  const rows = await database
    .selectFrom("chain_accounts")
    .innerJoin("chain_participants", "chain_participants.participant_index", "chain_accounts.participant_index")
    .leftJoin("participants", "participants.participant_id", "chain_participants.participant_id")
    .leftJoin("persons", (join) => join.on((on) => on(on.fn<string>("lower", ["persons.account"]), "=", on.ref("chain_accounts.account"))))
    .select(["chain_accounts.account", "hosted", "gln", "participants.name as organisation", "persons.name as person"])
    .select("chain_participants.participant_id as participantId")
    .where("chain_accounts.account", "in", [...new Set(accounts), ""])
    .execute();
  return new Map(rows.map((row) => [row.account, row]));
}
