import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { ExceptionCode, Role } from "../../model/custody/index.ts";
import { judgePrintedLabel, matchLabel, parseLabel } from "../../model/identity/index.ts";
import { recordException } from "../../store/exception-details.ts";
import { identifiersOf } from "../../store/identities.ts";
import { journeyCipher, sealedScan } from "../../store/vault/index.ts";
import { beginIdentityCheck } from "../journeys/begin-identity-check.ts";
import type { PatientReference } from "../../patients/index.ts";
import type { Caller, ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { anyJourney, refuseErased, seesOf } from "../journeys/visible.ts";
import type { Journey } from "../journeys/visible.ts";
import { labelsOf, printedLabel } from "../labels/register.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { exceptionAnswer } from "../schemas/exception-answer.ts";
import { actorOf, answered, patientReferenceSchema } from "../schemas/patients.ts";
import { hash32Schema, nameSchema } from "../schemas/common.ts";

const scanSchema = z.strictObject({
  raw: z
    .string()
    .min(1)
    .max(4096)
    .meta({ description: "What the scanner read, GS1 DataMatrix or ISBT 128, separators included" }),
  journeyId: hash32Schema,
  step: nameSchema.optional(),
  patient: patientReferenceSchema
    .optional()
    .meta({ description: "Whom the wristband names, by the caller's own identifier or its pseudonym; needed at the patient's side where the journey has a patient" }),
});

const matchedSchema = z.strictObject({
  identityCheck: z
    .string()
    .nullable()
    .meta({ description: "Commitment of the identity check that the scan began, decimal; null where the flow asks none, for a label that does not show the Chain of Identity itself, and when the patient is not named. It waits for your signature where your key is your own" }),
  scanId: z.string(),
  matched: z.literal(true),
  reason: z.string(),
  observed: z.string(),
  labelId: z.string().nullable().meta({ description: "The label printed here that was scanned; null for one from elsewhere" }),
});

/** What a scan comes to; `code` and `limit` are those of the exception when it does not match. */
interface ScanVerdict {
  match: boolean;
  code: ExceptionCode;
  reason: string;
  observed: string;
  limit: string;
  labelId: string | null;
  /** As the label itself shows it; null for a label that does not. */
  chainOfIdentity: string | null;
}

const anotherPatient: ScanVerdict = {
  match: false,
  code: "identity-mismatch",
  reason: "The wristband names another patient than the journey's.",
  observed: "another patient",
  limit: "the patient of this journey",
  labelId: null,
  chainOfIdentity: null,
};

/** Duties of those who have the patient before them. */
const BEDSIDE: readonly Role[] = ["treatment-centre", "apheresis-centre"];

const ANY_LABEL = "a label of this journey";

/** What who is no part of a journey is told: nothing of its identifiers. */
const TOLD_TO_STRANGERS = "The label is not one of this journey's, or no longer.";

/**
 * Scans: is this the material of this journey, under a label that holds? One that is not, that cannot be read, that was
 * never printed or that was voided is a critical exception.
 */
export function scanOperations(parts: OracleParts): Operation[] {
  const { database } = parts;
  const scan = operation({
    operationId: "recordScan",
    method: "post",
    path: "/scans",
    tag: "identity",
    summary: "Match a scanned label to a journey",
    body: scanSchema,
    responses: {
      201: { description: "The label is the journey's.", schema: matchedSchema },
      404: { description: "No such journey." },
      410: { description: "What the label is matched with was erased." },
      409: { description: "The label is not the journey's, cannot be read, was never printed or was voided: the exception recorded is named." },
    },
    async handle({ body, caller }) {
      const { participantId } = caller as ParticipantCaller;
      const journey = await anyJourney(database, body.journeyId);
      const insider = await seesOf(database, caller, body.journeyId, "identity");
      refuseErased(journey);
      const wristband = await patientShown(caller, journey, body.step, body.patient);
      const match = wristband.isAnother ? anotherPatient : await judged(journey, body.raw);
      const scanId = randomUUID();
      const scannedAt = Date.now();
      const exception = {
        leg: null,
        occurredAt: Math.floor(scannedAt / 1000),
        observed: match.observed,
        limit: match.limit,
        unit: "identifier",
        message: body.step === undefined ? match.reason : `At "${body.step}": ${match.reason}`,
      };
      const identityCheck = await database.transaction().execute(async (transaction) => {
        const cipher = await journeyCipher(transaction, [body.journeyId]);
        await transaction
          .insertInto("scans")
          .values({
            scan_id: scanId,
            journey_id: body.journeyId,
            participant_id: participantId,
            step: body.step ?? null,
            matched: match.match,
            sealed_scan: sealedScan.seal(cipher, body.journeyId, scanId, { raw: body.raw, reason: match.reason }),
            scanned_at_milliseconds: scannedAt,
          })
          .execute();
        if (!match.match)
          await recordException(transaction, {
            ...exception,
            journeyId: body.journeyId,
            code: match.code,
            key: `scan:${scanId}`,
          });
        if (!match.match || match.chainOfIdentity === null || wristband.isMissing) return null;
        const scanned = { chainOfIdentity: match.chainOfIdentity, patient: wristband.pseudonym };
        return beginIdentityCheck(transaction, journey, {
          scanId,
          step: body.step,
          scanned,
          account: (caller as ParticipantCaller).account,
          signsItself: (caller as ParticipantCaller).signsItself.account,
          atMilliseconds: scannedAt,
        });
      });
      if (match.match) {
        if (identityCheck !== null) parts.onIdentityCheck();
        const { reason, observed, labelId } = match;
        return { status: 201, body: { scanId, matched: true, reason, observed, labelId, identityCheck } };
      }
      parts.onOperation();
      // The reason lists the journey's identifiers: only who is part of the journey, and works under its identity, is told them.
      const shown = insider ? exception : { ...exception, message: TOLD_TO_STRANGERS, limit: ANY_LABEL };
      throw problem(409, match.code, `STOP: ${shown.message}`, { scanId, exception: exceptionAnswer(match.code, shown) });
    },
  });

  /** What the wristband says beside the patient the journey was opened for. */
  async function patientShown(caller: Caller, journey: Journey, step: string | undefined, reference: PatientReference | undefined) {
    const bound = (await parts.patients.journeyPseudonym(journey.journey_id)) ?? null;
    const shown = reference === undefined ? null : answered(await parts.patients.patientForJourney(actorOf(caller), reference)).pseudonym;
    // Away from the patient there is no wristband: the check is of the Chain of Identity, and the patient is carried on.
    const atPatient = journey.flow.steps.some((planned) => planned.step === step && planned.roles.some((role) => BEDSIDE.includes(role)));
    return { pseudonym: shown ?? (atPatient ? null : bound), isMissing: shown === null && bound !== null && atPatient, isAnother: shown !== null && bound !== null && shown !== bound };
  }

  async function judged(journey: Journey, raw: string): Promise<ScanVerdict> {
    const mismatch = { code: "identity-mismatch" as const, limit: ANY_LABEL, labelId: null, chainOfIdentity: null };
    const parsed = parseLabel(raw);
    if (!parsed.ok)
      return { ...mismatch, match: false, reason: `The label cannot be read: ${parsed.message}`, observed: parsed.observed };
    const identifiers = await identifiersOf(database, journey.journey_id);
    const of = (kind: "epc" | "din") => identifiers.filter((row) => row.kind === kind).map((row) => row.identifier);
    const match = matchLabel(parsed.label, {
      chainOfIdentity: journey.chain_of_identity ?? "",
      donationIdentificationNumbers: of("din"),
      epcs: of("epc"),
    });
    if (!match.match) return { ...mismatch, ...match };
    const verdict = judgePrintedLabel(parsed.label, (await labelsOf(database, journey.journey_id)).map(printedLabel));
    if (!verdict.ok) return { ...mismatch, ...verdict, match: false };
    const chainOfIdentity = parsed.label.kind === "isbt-coi" ? parsed.label.coi.coi : null;
    return { ...mismatch, ...match, labelId: verdict.labelId, chainOfIdentity };
  }

  return [scan];
}
