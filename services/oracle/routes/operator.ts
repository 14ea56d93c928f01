import { z } from "zod";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { giaiSchema } from "../schemas/common.ts";

/** What only the node itself can do for its operator and device owners. */
export function operatorOperations(parts: OracleParts): Operation[] {
  const brokerToken = operation({
    operationId: "getBrokerToken",
    method: "get",
    path: "/devices/{giai}/broker-token",
    tag: "administration",
    summary: "Password with which a device connects to the broker (its owner, or the operator)",
    parameters: z.strictObject({ giai: giaiSchema }),
    responses: {
      200: {
        description: "The token; the user name is the GIAI.",
        schema: z.strictObject({ giai: z.string(), token: z.string() }),
      },
      404: { description: "The device is not enrolled, or the broker's passwords are not made here." },
    },
    async handle({ path, caller }) {
      const device = await parts.database
        .selectFrom("devices")
        .select("owner_participant_id")
        .where("giai", "=", path.giai)
        .executeTakeFirst();
      const mine =
        device !== undefined && (caller.kind === "operator" || device.owner_participant_id === caller.participantId);
      if (!mine) throw problem(404, "unknown-device", `you have no enrolled device ${path.giai}`);
      if (parts.deviceToken === undefined)
        throw problem(404, "no-broker-tokens", "this node's broker has passwords of its own; ask who runs it");
      return { status: 200, body: { giai: path.giai, token: parts.deviceToken(path.giai) } };
    },
  });
  const rebuild = operation({
    operationId: "rebuildReadModel",
    method: "post",
    path: "/read-model/rebuild",
    tag: "administration",
    summary: "Drop the read model and make it anew from the ledger",
    body: z.strictObject({}),
    responses: { 200: { description: "Rebuilt.", schema: z.strictObject({ rows: z.int(), blockNumber: z.int() }) } },
    handle: async () => ({ status: 200, body: await readModel().rebuild() }),
  });
  const digest = operation({
    operationId: "getReadModelDigest",
    method: "get",
    path: "/read-model/digest",
    tag: "administration",
    summary: "Digest of the read model beside one made anew from the ledger",
    responses: {
      200: {
        description: "Both digests.",
        schema: z.strictObject({ store: z.string(), chain: z.string(), equal: z.boolean() }),
      },
    },
    handle: async () => ({ status: 200, body: await readModel().digest() }),
  });

  function readModel() {
    if (parts.readModel === undefined)
      throw problem(404, "no-read-model", "this node does not administer a read model");
    return parts.readModel;
  }

  return [brokerToken, rebuild, digest];
}
