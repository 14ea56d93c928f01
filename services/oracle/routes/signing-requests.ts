import { z } from "zod";
import { meaningOf, recordHashOf, typedDataOf } from "../../model/signing/index.ts";
import { ACCESS, mayCall } from "../http/access.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { anyJourney, visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { statementsToSign } from "../signing/statements-to-sign.ts";
import { requestSchema } from "../schemas/signing-request.ts";
import { journeyPath, momentText, rfc3339 } from "../schemas/common.ts";

const typedDataSchema = z.strictObject({
  domain: z.strictObject({ name: z.string(), version: z.string(), chainId: z.string(), verifyingContract: z.string() }),
  types: z.record(z.string(), z.array(z.strictObject({ name: z.string(), type: z.string() }))),
  primaryType: z.string(),
  message: z.record(z.string(), z.union([z.string(), z.int()])),
});

const answerSchema = z.strictObject({
  signer: z
    .strictObject({ account: z.string(), name: z.string(), organisation: z.string() })
    .meta({ description: "Whom the API key is of: the printed name of the signer (21 CFR 11.50)" }),
  flow: z.strictObject({ name: z.string(), version: z.int(), documentHash: z.string() }),
  now: momentText.meta({ description: "The clock the ledger judges by" }),
  statements: z.array(
    z.strictObject({
      act: z.string(),
      meaning: z.string().meta({ description: "What the signature means, in words (21 CFR 11.50)" }),
      recordHash: z.string().meta({ description: "The record the signature is linked to (21 CFR 11.70)" }),
      typedData: typedDataSchema.meta({ description: "What to sign, EIP-712; signedAt is the signer's own clock" }),
      facts: z.looseObject({}).meta({ description: "What the values are made of, so that the signer can make them too" }),
    }),
  ),
});

/** First half of signing with a key of one's own: what to sign. Nothing is stored. The second half is the act itself. */
export function signingRequestOperations(parts: OracleParts): Operation[] {
  const { database, ledger } = parts;
  const prepare = operation({
    operationId: "prepareSignature",
    method: "post",
    path: "/journeys/{journeyId}/signing-requests",
    tag: "release",
    summary: "What to sign with your own key for an act: typed data (EIP-712), its meaning and the record; then do the act with the signature",
    parameters: journeyPath,
    body: requestSchema,
    responses: {
      200: { description: "What to sign.", schema: answerSchema },
      403: { description: "The act is not the caller's." },
      404: { description: "No such journey, gate, leg, exception, check or grant." },
      409: { description: "Not to be signed as things stand." },
    },
    async handle({ path, body, caller }) {
      const participant = caller as ParticipantCaller;
      // Who captures first in a journey has had no part in it before.
      const isCapture = body.act === "custody-event" && mayCall(ACCESS["captureSigned"] ?? {}, caller);
      const journey = isCapture ? await anyJourney(database, path.journeyId) : await visibleJourney(database, caller, path.journeyId);
      const { account, person, name: organisation } = participant;
      const { name, version } = journey.flow;
      const now = await parts.now();
      const statements = await statementsToSign(parts, participant, journey, body);
      const answers = statements.map(({ statement, facts }) => {
        const { domain, ...typedData } = typedDataOf(statement, ledger, now);
        return {
          act: statement.act,
          meaning: meaningOf(statement, journey.flow),
          recordHash: recordHashOf(statement, now),
          typedData: { domain: { ...domain, chainId: String(ledger.chainId) }, ...typedData },
          facts,
        };
      });
      const signer = { account, name: person ?? organisation, organisation };
      const flow = { name, version, documentHash: journey.flow_document_hash };
      return { status: 200, body: { signer, flow, now: rfc3339(now), statements: answers } };
    },
  });
  return [prepare];
}
