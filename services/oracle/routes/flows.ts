import { z } from "zod";
import { flowDocument, flowDocumentHash, flowSchema } from "../../model/custody/index.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { nameSchema, versionText } from "../schemas/common.ts";

const flowHeader = z.strictObject({ name: z.string(), version: z.int(), documentHash: z.string() });

/** Flow definitions: versioned, and never changed once registered. */
export function flowOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const register = operation({
    operationId: "registerFlow",
    method: "post",
    path: "/flows",
    tag: "flows",
    summary: "Register a version of a flow definition",
    body: flowSchema,
    responses: {
      201: { description: "Registered.", schema: flowHeader },
      409: { description: "This version is registered already; a changed flow is a new version." },
    },
    async handle({ body }) {
      const document = flowDocument(body);
      const documentHash = flowDocumentHash(body);
      const registered = await database.transaction().execute(async (transaction) => {
        const inserted = await transaction
          .insertInto("flows")
          .values({ name: body.name, version: body.version, document, document_hash: documentHash })
          .onConflict((conflict) => conflict.doNothing())
          .returning("name")
          .executeTakeFirst();
        if (inserted === undefined) return false;
        await enqueueOperation(transaction, {
          idempotencyKey: `register-flow:${documentHash}`,
          kind: "register-flow",
          journeyId: null,
          payload: { document },
        });
        return true;
      });
      if (!registered) throw await versionExists(body.name, body.version, documentHash);
      parts.onOperation();
      const headers = { Location: `/flows/${body.name}/${body.version}` };
      return { status: 201, body: { name: body.name, version: body.version, documentHash }, headers };
    },
  });

  const list = operation({
    operationId: "listFlows",
    method: "get",
    path: "/flows",
    tag: "flows",
    summary: "Flow definitions registered",
    responses: { 200: { description: "All versions.", schema: z.strictObject({ flows: z.array(flowHeader) }) } },
    async handle() {
      const flows = await database
        .selectFrom("flows")
        .select(["name", "version", "document_hash as documentHash"])
        .orderBy("name")
        .orderBy("version")
        .execute();
      return { status: 200, body: { flows } };
    },
  });

  const get = operation({
    operationId: "getFlow",
    method: "get",
    path: "/flows/{name}/{version}",
    tag: "flows",
    summary: "One version of a flow definition",
    parameters: z.strictObject({ name: nameSchema, version: versionText }),
    responses: {
      200: { description: "The flow document.", schema: flowSchema },
      404: { description: "No such version." },
    },
    async handle({ path }) {
      const row = await database
        .selectFrom("flows")
        .select("document")
        .where("name", "=", path.name)
        .where("version", "=", path.version)
        .executeTakeFirst();
      if (row === undefined)
        throw problem(404, "unknown-flow", `no flow "${path.name}" version ${path.version} is registered`);
      return { status: 200, body: JSON.parse(row.document) };
    },
  });

  async function versionExists(name: string, version: number, offered: string) {
    const existing = await database
      .selectFrom("flows")
      .select("document_hash")
      .where("name", "=", name)
      .where("version", "=", version)
      .executeTakeFirst();
    const same = existing?.document_hash === offered;
    const advice = same ? "it is this very document" : "a changed flow needs a new version number";
    return problem(409, "flow-exists", `flow "${name}" version ${version} is registered; ${advice}`, {
      existing: { name, version, documentHash: existing?.document_hash },
      identical: same,
    });
  }

  return [register, list, get];
}
