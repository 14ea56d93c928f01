import { randomUUID } from "node:crypto";
import type { Kysely, Transaction } from "kysely";
import { containerEpc, labelContentSchema, LARGEST_LABEL_VERSION } from "../../model/identity/index.ts";
import type { LabelContent } from "../../model/identity/index.ts";
import type { Database } from "../../store/schema.ts";
import { identifierIndex, storeIdentifiers } from "../../store/identities.ts";
import { labelledEpcIndex, sealLabel } from "../../store/sealed-labels.ts";
import { journeyCipher, vaultOf } from "../../store/vault/index.ts";
import { problem } from "../http/problem.ts";
import { refuseErased } from "../journeys/visible.ts";
import type { Journey } from "../journeys/visible.ts";
import { lockJourney, voidLabels } from "./register.ts";

/** What whoever prints a label says of it; identity, version and storage temperature are not theirs to say. */
export interface WantedLabel {
  container: LabelContent["container"];
  productName: string;
  lot: string | null;
  expiry: LabelContent["expiry"];
  donationIdentificationNumber: string | null;
  /** Condition profile of the journey's flow whose limits are the storage temperature. */
  storageProfile: string;
  statements: LabelContent["statements"];
  reason: string | null;
}

export interface LabelPrinted {
  labelId: string;
  epc: string;
  content: LabelContent;
  /** The label this one replaces, now void. */
  replaces: string | null;
}

/**
 * Prints the next version of a container's label and voids the one before, in one transaction. Refused: a reprint
 * without reason, a container of another journey, a donation or a profile that is not the journey's.
 */
export async function printLabel(
  database: Kysely<Database>,
  journey: Journey,
  participantId: string,
  wanted: WantedLabel,
): Promise<LabelPrinted> {
  refuseErased(journey);
  const journeyId = journey.journey_id;
  const epc = containerEpc(wanted.container);
  return database.transaction().execute(async (transaction) => {
    await lockJourney(transaction, journeyId);
    await refuseForeign(transaction, journeyId, epc, wanted.donationIdentificationNumber);
    const vault = vaultOf(transaction);
    const cipher = await journeyCipher(transaction, [journeyId]);
    const last = await transaction
      .selectFrom("labels")
      .select(["label_id", "version", "voided_at_milliseconds"])
      .where("epc_index", "=", labelledEpcIndex(vault, epc))
      .orderBy("version", "desc")
      .limit(1)
      .executeTakeFirst();
    const version = (last?.version ?? 0) + 1;
    if (last !== undefined && wanted.reason === null)
      throw problem(409, "reprint-reason-missing", `${epc} has a label, version ${last.version}: a reprint needs a reason`);
    if (version > LARGEST_LABEL_VERSION)
      throw problem(409, "label-versions-exhausted", `${epc} has had ${LARGEST_LABEL_VERSION} labels: relabel it under a new serial number`);
    const content = contentOf(journey, wanted, version);
    const atMilliseconds = Date.now();
    const replaces = last === undefined || last.voided_at_milliseconds !== null ? null : last.label_id;
    if (replaces !== null)
      await voidLabels(transaction, journeyId, [replaces], {
        participantId,
        reason: `replaced by version ${version}: ${wanted.reason ?? ""}`,
        atMilliseconds,
      });
    const labelId = randomUUID();
    const inserted = await transaction
      .insertInto("labels")
      .values({
        label_id: labelId,
        journey_id: journeyId,
        version,
        ...sealLabel(vault, cipher, { journey_id: journeyId, label_id: labelId }, {
          epc,
          content: JSON.stringify(content),
          reason: last === undefined ? null : wanted.reason,
        }),
        printed_by: participantId,
        printed_at_milliseconds: atMilliseconds,
        voided_by: null,
        sealed_void_reason: null,
        voided_at_milliseconds: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning("label_id")
      .executeTakeFirst();
    // Journeys do not wait for each other: another one may have labelled the container since it was looked up.
    if (inserted === undefined) throw anotherJourney(epc);
    await storeIdentifiers(transaction, cipher, [{ journeyId, kind: "epc", identifier: epc }]);
    return { labelId, epc, content, replaces };
  });
}

/** A label may only say what is so: the container is no other journey's, the donation is this journey's. */
async function refuseForeign(
  transaction: Transaction<Database>,
  journeyId: string,
  epc: string,
  donation: string | null,
): Promise<void> {
  const foreign = await transaction
    .selectFrom("journey_identifiers")
    .select("journey_id")
    .where("kind", "=", "epc")
    .where("identifier_index", "=", identifierIndex(vaultOf(transaction), epc))
    .where("journey_id", "!=", journeyId)
    .executeTakeFirst();
  if (foreign !== undefined) throw anotherJourney(epc);
  if (donation === null) return;
  const own = await transaction
    .selectFrom("journey_identifiers")
    .select("identifier_index")
    .where("journey_id", "=", journeyId)
    .where("kind", "=", "din")
    .where("identifier_index", "=", identifierIndex(vaultOf(transaction), donation))
    .executeTakeFirst();
  if (own === undefined)
    throw problem(409, "donation-not-of-journey", `the donation ${donation} is none of this journey's: no label was printed`);
}

function anotherJourney(epc: string) {
  return problem(409, "container-of-another-journey", `STOP: ${epc} belongs to another journey: no label was printed`);
}

function contentOf(journey: Journey, wanted: WantedLabel, version: number): LabelContent {
  const profile = journey.flow.profiles.find((candidate) => candidate.name === wanted.storageProfile);
  if (profile === undefined) {
    const known = journey.flow.profiles.map((candidate) => candidate.name).join(", ");
    throw problem(400, "unknown-profile", `the journey's flow has no condition profile "${wanted.storageProfile}"; it has ${known}`);
  }
  const { container, productName, lot, expiry, donationIdentificationNumber, statements } = wanted;
  const { minimumTemperatureCelsius: minimumCelsius, maximumTemperatureCelsius: maximumCelsius } = profile;
  return labelContentSchema.parse({
    chainOfIdentity: journey.chain_of_identity,
    container,
    productName,
    lot,
    expiry,
    donationIdentificationNumber,
    storageTemperature: { minimumCelsius, maximumCelsius },
    statements,
    version,
  });
}
