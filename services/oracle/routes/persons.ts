import { randomBytes } from "node:crypto";
import { computeAddress, hexlify } from "ethers";
import { z } from "zod";
import { enqueueOperation } from "../../store/outbox.ts";
import { newApiKey } from "../http/api-keys.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { requireEndorsement } from "../signing/endorsement.ts";
import { insertApiKey, signsForSomebody } from "./participants.ts";
import { accountSchema, glnSchema, momentSchema, signatureSchema } from "../schemas/common.ts";

const personSchema = z.strictObject({
  name: z.string().trim().min(1).max(200).meta({ description: "Printed name of the signer (21 CFR 11.50)" }),
  account: accountSchema
    .optional()
    .meta({ description: "The person's own signing account; without it the node makes and keeps a key, and the ledger says so" }),
  endorsement: z
    .strictObject({ signedAt: momentSchema, signature: signatureSchema })
    .optional()
    .meta({ description: "Signature of an account of the organisation's own (AccountEndorsement); needed once it signs with own keys only" }),
}).refine(({ account, endorsement }) => endorsement === undefined || account !== undefined, "an endorsement is of an account of the person's own");

const shown = z.strictObject({ account: z.string(), name: z.string(), hosted: z.boolean() });

/** The natural persons who sign for an organisation: four eyes are two of them. */
export function personOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const add = operation({
    operationId: "addPerson",
    method: "post",
    path: "/participants/{gln}/persons",
    tag: "administration",
    summary: "Add a person who signs for an organisation; the person's API key is shown this once",
    parameters: z.strictObject({ gln: glnSchema }),
    body: personSchema,
    responses: {
      201: { description: "Added; the ledger records the account.", schema: shown.extend({ apiKey: z.string() }) },
      404: { description: "No such organisation." },
      409: { description: "The account signs for somebody already." },
    },
    async handle({ path, body }) {
      const participantId = await participantOf(path.gln);
      await requireEndorsement(parts, participantId, body);
      const privateKey = body.account === undefined ? hexlify(randomBytes(32)) : null;
      const account = body.account ?? computeAddress(privateKey ?? "");
      const hosted = privateKey !== null;
      const apiKey = newApiKey();
      const added = await database.transaction().execute(async (transaction) => {
        if (await signsForSomebody(transaction, account)) return false;
        const inserted = await transaction
          .insertInto("persons")
          .values({
            account,
            participant_id: participantId,
            name: body.name,
            encrypted_key: privateKey === null ? null : parts.keyring.seal(privateKey),
            signing_secret: null,
            signing_locked_until_milliseconds: null,
            created_at_milliseconds: Date.now(),
          })
          .onConflict((conflict) => conflict.doNothing())
          .returning("account")
          .executeTakeFirst();
        if (inserted === undefined) return false;
        await insertApiKey(transaction, participantId, apiKey, account);
        await enqueueOperation(transaction, {
          idempotencyKey: `add-account:${account}`,
          kind: "add-account",
          journeyId: null,
          payload: { participantId, account, hosted, endorsement: body.endorsement ?? null },
        });
        return true;
      });
      if (!added)
        throw problem(409, "account-taken", `the account ${account} signs for somebody already; a person has an account of their own`);
      parts.onOperation();
      return { status: 201, body: { account, name: body.name, hosted, apiKey } };
    },
  });

  const list = operation({
    operationId: "listPersons",
    method: "get",
    path: "/participants/{gln}/persons",
    tag: "administration",
    summary: "Persons who sign for an organisation",
    parameters: z.strictObject({ gln: glnSchema }),
    responses: {
      200: { description: "All of them.", schema: z.strictObject({ persons: z.array(shown) }) },
      404: { description: "No such organisation." },
    },
    async handle({ path }) {
      const rows = await database
        .selectFrom("persons")
        .select(["account", "name", "encrypted_key"])
        .where("participant_id", "=", await participantOf(path.gln))
        .orderBy("created_at_milliseconds")
        .execute();
      const persons = rows.map(({ encrypted_key: key, ...row }) => ({ ...row, hosted: key !== null }));
      return { status: 200, body: { persons } };
    },
  });

  async function participantOf(gln: string): Promise<string> {
    const row = await database.selectFrom("participants").select("participant_id").where("gln", "=", gln).executeTakeFirst();
    if (row === undefined) throw problem(404, "unknown-participant", `no participant has the GLN ${gln}`);
    return row.participant_id;
  }

  return [add, list];
}
