import { z } from "zod";
import { canonicalJson } from "../../model/canonical-json.ts";
import { equipmentDocumentHash } from "../../model/condition/index.ts";
import { equipmentIdOf, participantIdOf } from "../../model/custody/index.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import { qualify, shipperView } from "../equipment/register.ts";
import { graiPath, qualificationSchema, qualifiedShown, registeredShipper, shipperSchema, shipperShown } from "../schemas/equipment.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { rfc3339 } from "../schemas/common.ts";

/** Shippers: what they can do, their qualification, and requalification after every use. */
export function equipmentOperations(parts: OracleParts): Operation[] {
  const { database } = parts;
  const shippers = () =>
    database
      .selectFrom("shippers")
      .leftJoin("participants", "participants.participant_id", "shippers.owner_participant_id")
      .selectAll("shippers")
      .select("participants.gln");

  const register = operation({
    operationId: "registerShipper",
    method: "post",
    path: "/equipment",
    tag: "equipment",
    summary: "Register a shipper with its hold time by tilt; the ledger holds the hash of what is said here",
    body: shipperSchema,
    responses: {
      201: { description: "Registered; not qualified yet.", schema: registeredShipper },
      404: { description: "The owner is no participant." },
      409: { description: "The shipper is registered already." },
    },
    async handle({ body }) {
      const { owner, ...document } = body;
      const ownerId = participantIdOf(owner);
      const known = await database.selectFrom("participants").select("gln").where("participant_id", "=", ownerId).executeTakeFirst();
      if (known === undefined) throw problem(404, "unknown-participant", `no participant has the GLN ${owner}; register the owner first`);
      const equipmentId = equipmentIdOf(body.grai);
      const documentHash = equipmentDocumentHash(document);
      const inserted = await database.transaction().execute(async (transaction) => {
        const row = await transaction
          .insertInto("shippers")
          .values({
            grai: body.grai,
            equipment_id: equipmentId,
            owner_participant_id: ownerId,
            document: canonicalJson(document),
            document_hash: documentHash,
            created_at_milliseconds: Date.now(),
          })
          .onConflict((conflict) => conflict.doNothing())
          .returning("grai")
          .executeTakeFirst();
        if (row === undefined) return false;
        await enqueueOperation(transaction, {
          idempotencyKey: `register-shipper:${equipmentId}`,
          kind: "register-shipper",
          journeyId: null,
          payload: { equipmentId, owner: ownerId, documentHash },
        });
        return true;
      });
      if (!inserted) throw problem(409, "shipper-exists", `the shipper ${body.grai} is registered already`, { grai: body.grai });
      parts.onOperation();
      return { status: 201, body: { grai: body.grai, equipmentId, documentHash } };
    },
  });

  const qualifyShipper = operation({
    operationId: "qualifyShipper",
    method: "post",
    path: "/equipment/{grai}/qualifications",
    tag: "equipment",
    summary: "Record a qualification, or the requalification that every use asks for",
    parameters: graiPath,
    body: qualificationSchema,
    responses: { 201: { description: "Recorded.", schema: qualifiedShown }, 404: { description: "No such shipper." } },
    async handle({ path, body }) {
      const row = await shipperOf(path.grai);
      const subject = { kind: "qualify-shipper", member: "equipmentId", id: row.equipment_id } as const;
      await database.transaction().execute((transaction) => qualify(transaction, subject, body));
      parts.onOperation();
      return { status: 201, body: { qualifiedFrom: rfc3339(body.qualifiedFrom), qualifiedUntil: rfc3339(body.qualifiedUntil) } };
    },
  });

  const list = operation({
    operationId: "listShippers",
    method: "get",
    path: "/equipment",
    tag: "equipment",
    summary: "Shippers with their qualification and use",
    responses: { 200: { description: "All of them.", schema: z.strictObject({ equipment: z.array(shipperShown) }) } },
    async handle({ caller }) {
      const rows = await shippers().orderBy("grai").execute();
      const now = Math.floor(Date.now() / 1000);
      return { status: 200, body: { equipment: await Promise.all(rows.map((row) => shipperView(database, row, caller, now))) } };
    },
  });

  const get = operation({
    operationId: "getShipper",
    method: "get",
    path: "/equipment/{grai}",
    tag: "equipment",
    summary: "A shipper's history: every use and every qualification",
    parameters: graiPath,
    responses: { 200: { description: "The shipper.", schema: shipperShown }, 404: { description: "No such shipper." } },
    async handle({ path, caller }) {
      return { status: 200, body: await shipperView(database, await shipperOf(path.grai), caller, Math.floor(Date.now() / 1000)) };
    },
  });

  async function shipperOf(grai: string) {
    const row = await shippers().where("grai", "=", grai).executeTakeFirst();
    if (row === undefined) throw problem(404, "unknown-shipper", `the shipper ${grai} is not registered`, { grai });
    return row;
  }

  return [register, qualifyShipper, list, get];
}
