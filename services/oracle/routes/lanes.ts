import { z } from "zod";
import { canonicalJson } from "../../model/canonical-json.ts";
import { equipmentDocumentHash, laneDocumentSchema } from "../../model/condition/index.ts";
import { laneIdOf } from "../../model/custody/index.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import { laneView, qualify } from "../equipment/register.ts";
import { lanePath, laneShown, qualificationSchema, qualifiedShown, registeredLane } from "../schemas/equipment.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { rfc3339 } from "../schemas/common.ts";

/** Lanes: the ways shipments take, with their planned time and qualification. */
export function laneOperations(parts: OracleParts): Operation[] {
  const { database } = parts;
  const now = () => Math.floor(Date.now() / 1000);

  const register = operation({
    operationId: "registerLane",
    method: "post",
    path: "/lanes",
    tag: "equipment",
    summary: "Register a lane with the time planned for it and the hold time it keeps in reserve",
    body: laneDocumentSchema,
    responses: {
      201: { description: "Registered; not qualified yet.", schema: registeredLane },
      409: { description: "A lane of that name is registered already." },
    },
    async handle({ body }) {
      const laneId = laneIdOf(body.lane);
      const documentHash = equipmentDocumentHash(body);
      const inserted = await database.transaction().execute(async (transaction) => {
        const row = await transaction
          .insertInto("lanes")
          .values({ lane: body.lane, lane_id: laneId, document: canonicalJson(body), document_hash: documentHash, created_at_milliseconds: Date.now() })
          .onConflict((conflict) => conflict.doNothing())
          .returning("lane")
          .executeTakeFirst();
        if (row === undefined) return false;
        await enqueueOperation(transaction, {
          idempotencyKey: `register-lane:${laneId}`,
          kind: "register-lane",
          journeyId: null,
          payload: { laneId, documentHash },
        });
        return true;
      });
      if (!inserted) throw problem(409, "lane-exists", `the lane "${body.lane}" is registered already; a changed lane is a new one`, { lane: body.lane });
      parts.onOperation();
      return { status: 201, body: { lane: body.lane, laneId, documentHash } };
    },
  });

  const qualifyLane = operation({
    operationId: "qualifyLane",
    method: "post",
    path: "/lanes/{lane}/qualifications",
    tag: "equipment",
    summary: "Record a lane's qualification",
    parameters: lanePath,
    body: qualificationSchema,
    responses: { 201: { description: "Recorded.", schema: qualifiedShown }, 404: { description: "No such lane." } },
    async handle({ path, body }) {
      const { lane_id: id } = await laneOf(path.lane);
      await database.transaction().execute((transaction) => qualify(transaction, { kind: "qualify-lane", member: "laneId", id }, body));
      parts.onOperation();
      return { status: 201, body: { qualifiedFrom: rfc3339(body.qualifiedFrom), qualifiedUntil: rfc3339(body.qualifiedUntil) } };
    },
  });

  const list = operation({
    operationId: "listLanes",
    method: "get",
    path: "/lanes",
    tag: "equipment",
    summary: "Lanes with their qualification",
    responses: { 200: { description: "All of them.", schema: z.strictObject({ lanes: z.array(laneShown) }) } },
    async handle() {
      const rows = await database.selectFrom("lanes").selectAll().orderBy("lane").execute();
      return { status: 200, body: { lanes: await Promise.all(rows.map((row) => laneView(database, row, now()))) } };
    },
  });

  const get = operation({
    operationId: "getLane",
    method: "get",
    path: "/lanes/{lane}",
    tag: "equipment",
    summary: "A lane with its qualifications",
    parameters: lanePath,
    responses: { 200: { description: "The lane.", schema: laneShown }, 404: { description: "No such lane." } },
    async handle({ path }) {
      return { status: 200, body: await laneView(database, await laneOf(path.lane), now()) };
    },
  });

  async function laneOf(lane: string) {
    const row = await database.selectFrom("lanes").selectAll().where("lane", "=", lane).executeTakeFirst();
    if (row === undefined) throw problem(404, "unknown-lane", `no lane is named "${lane}"`, { lane });
    return row;
  }

  return [register, qualifyLane, list, get];
}
