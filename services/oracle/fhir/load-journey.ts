import { namespacesOf } from "../../model/epcis/index.ts";
import type { FhirJourney, JourneyConsent, JourneyEvent, JourneyException, JourneyPatient, JourneyResults } from "../../model/fhir/index.ts";
import { canonicalEpc, parseCoiIdentifier, parseDonationIdentificationNumber } from "../../model/identity/index.ts";
import { dutyAllows, JOURNEY_DOMAIN } from "../../model/patient/index.ts";
import { signedResultsSchema, specificationSchema } from "../../model/quality/index.ts";
import type { CertificateOfAnalysis } from "../../model/quality/index.ts";
import { identifierIndex, identifiersOf, identityIndex } from "../../store/identities.ts";
import { openResults } from "../../store/sealed-batch.ts";
import { journeyCipher, openEvents, vaultOf } from "../../store/vault/index.ts";
import { dispositionState } from "../dispositions/disposition-view.ts";
import { ACCESS, mayCall } from "../http/access.ts";
import { tracesErased } from "../http/caller.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { shownExceptions } from "../journeys/shown-exceptions.ts";
import { participantNames, releasesOf } from "../journeys/status.ts";
import type { Journey } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { eventDocument } from "../schemas/event-document.ts";

type Sources = Pick<OracleParts, "database" | "patients">;

/** Roles that see every consent of a journey's patient; others those they recorded or were granted. */
const CONSENT_OVERSIGHT: readonly string[] = ["regulator", "auditor"];

/**
 * Everything FHIR is made of, as much as one reader may see. The one place where the façade reads a journey's events and
 * identifiers.
 */
export async function loadJourneyForFhir(sources: Sources, caller: ParticipantCaller, journey: Journey): Promise<FhirJourney> {
  const { database } = sources;
  const journeyId = journey.journey_id;
  const isHidden = journey.erased_at_milliseconds !== null && !tracesErased(caller);
  const identifiers = isHidden ? [] : await identifiersOf(database, journeyId);
  const named = (kind: "din" | "epc") =>
    identifiers
      .filter((entry) => entry.kind === kind)
      .map((entry) => entry.identifier)
      .sort();
  const releases = await releasesOf(database, journey);
  const titles = new Map(journey.flow.gates.map(({ gate, title }) => [gate, title]));
  return {
    journeyId,
    chainOfIdentity: journey.chain_of_identity,
    flow: journey.flow,
    donationIdentificationNumbers: named("din"),
    epcs: named("epc"),
    patient: isHidden ? { state: "unknown" } : await patientOf(sources, caller, journeyId),
    events: await eventsOf(sources, journey),
    exceptions: await exceptionsFor(sources, caller, journey),
    releases: releases.map((release) => ({
      ...release,
      title: titles.get(release.gate) ?? release.gate,
      releasedAt: Date.parse(release.releasedAt),
    })),
    disposition: (await dispositionState(database, journey)).state,
    consents: await consentsFor(sources, caller, journeyId),
    results: mayCall(ACCESS["getCertificateOfAnalysis"] ?? {}, caller) ? await resultsOf(sources, journey) : [],
    now: Date.now(),
  };
}

/** Events in the ledger's order, then those on their way to it. */
async function eventsOf({ database }: Sources, journey: Journey): Promise<JourneyEvent[]> {
  const rows = await database
    .selectFrom("events")
    .selectAll()
    .where("journey_id", "=", journey.journey_id)
    .orderBy("event_number")
    .execute()
    .then((found) => openEvents(database, found));
  const recorded = await database
    .selectFrom("chain_custody_events")
    .select(["sequence", "commitment", "head", "recorded_at"])
    .where("journey_id", "=", journey.journey_id)
    .execute();
  const onLedger = new Map(recorded.map((row) => [row.commitment, row]));
  const people = await participantNames(database);
  const erroneous = new Set(rows.filter((row) => row.is_error_declaration).map((row) => row.eventHash));
  const events = rows.map((row): JourneyEvent => {
    const ledger = onLedger.get(row.commitment ?? "");
    const event = eventDocument(row);
    return {
      event,
      namespaces: namespacesOf(event["@context"]),
      key: row.eventHash,
      step: journey.flow.steps[row.step ?? -1] ?? null,
      capturedBy: people.get(row.captured_by) ?? { gln: null, name: null },
      recordTime: row.record_time_milliseconds,
      ledger: ledger === undefined ? null : { ...ledger, recordedAt: ledger.recorded_at * 1000 },
      isDeclaredErroneous: !row.is_error_declaration && erroneous.has(row.eventHash),
    };
  });
  const place = ({ ledger }: JourneyEvent) => ledger?.sequence ?? Infinity;
  return events.sort((first, second) => (place(first) === place(second) ? 0 : place(first) - place(second)));
}

async function exceptionsFor({ database }: Sources, caller: ParticipantCaller, journey: Journey): Promise<JourneyException[]> {
  const seen = new Map<string, number>();
  return (await shownExceptions(database, caller, journey, Math.floor(Date.now() / 1000))).map((exception) => {
    // Not its number: that comes with the ledger's record, and the resource keeps its id.
    const fact = `${exception.code}:${exception.at}:${exception.leg ?? ""}`;
    const same = seen.get(fact) ?? 0;
    seen.set(fact, same + 1);
    return {
      key: `${fact}:${same}`,
      number: exception.number,
      code: exception.code,
      class: exception.class,
      status: exception.status,
      leg: exception.leg,
      occurredAt: Date.parse(exception.at),
      raisedAt: exception.raisedAt === null ? null : Date.parse(exception.raisedAt),
      message: exception.message,
    };
  });
}

/** The pseudonym is for whose duty asks for it; others learn that there is a patient. */
async function patientOf({ patients }: Sources, caller: ParticipantCaller, journeyId: string): Promise<JourneyPatient> {
  const pseudonym = await patients.journeyPseudonym(journeyId);
  if (pseudonym === undefined) return { state: "unknown" };
  return dutyAllows(caller.roles, JOURNEY_DOMAIN, "treatment") ? { state: "known", pseudonym } : { state: "masked" };
}

async function consentsFor({ database, patients }: Sources, caller: ParticipantCaller, journeyId: string): Promise<JourneyConsent[]> {
  const consents = await patients.consentsOfJourney(journeyId);
  const people = await participantNames(database);
  const organisation = (participantId: string) => people.get(participantId) ?? { gln: null, name: null };
  const seesAll = caller.roles.some((role) => CONSENT_OVERSIGHT.includes(role));
  return consents
    .filter(({ givenBy, grantee }) => seesAll || [givenBy, grantee].includes(caller.participantId))
    .map((consent) => ({
      ...consent,
      givenBy: organisation(consent.givenBy),
      granteeOrganisation: organisation(consent.grantee),
    }));
}

/** Laboratory results as their certificates judge them; one whose specification is not registered here is left out. */
async function resultsOf({ database }: Sources, journey: Journey): Promise<JourneyResults[]> {
  const rows = await database
    .selectFrom("batch_results")
    .select(["journey_id", "results_commitment", "specification_number", "sealed_results", "posted_by"])
    .where("journey_id", "=", journey.journey_id)
    .orderBy("received_at_milliseconds")
    .execute();
  if (rows.length === 0) return [];
  const people = await participantNames(database);
  const documents = await database
    .selectFrom("specifications")
    .select(["document_hash", "document"])
    .where("document_hash", "in", journey.flow.specifications.map((entry) => entry.documentHash))
    .execute();
  const specifications = new Map(documents.map((row) => [row.document_hash, specificationSchema.parse(JSON.parse(row.document))]));
  const cipher = await journeyCipher(database, [journey.journey_id]);
  return rows.flatMap((row): JourneyResults[] => {
    const kept = openResults(cipher, row);
    const specification = specifications.get(journey.flow.specifications[row.specification_number]?.documentHash ?? "");
    if (specification === undefined || kept === null) return [];
    const { batch, record } = signedResultsSchema.parse(JSON.parse(kept.body));
    const certificate = JSON.parse(kept.certificate) as CertificateOfAnalysis;
    const verdicts = new Map(certificate.tests.map(({ test, verdict }) => [test, verdict]));
    return [
      {
        key: row.results_commitment,
        batch,
        stage: record.stage,
        laboratory: people.get(row.posted_by) ?? { gln: null, name: null },
        signedAt: record.signedAt * 1000,
        tests: specification.tests.map((specified) => ({
          specified,
          result: record.results.find(({ test }) => test === specified.test) ?? null,
          verdict: verdicts.get(specified.test) ?? "missing",
        })),
      },
    ];
  });
}

/**
 * Ids of the journeys an identifier may be found in; undefined when it is of a kind that is not indexed (orders, event
 * ids), so that every journey has to be looked at.
 */
export async function journeysNaming({ database }: Sources, value: string): Promise<string[] | undefined> {
  const identity = parseCoiIdentifier(value);
  if (identity.ok) {
    const rows = await database
      .selectFrom("journeys")
      .select("journey_id")
      .where("identity_index", "=", identityIndex(vaultOf(database), identity.value.coi))
      .execute();
    return rows.map((row) => row.journey_id);
  }
  const donation = parseDonationIdentificationNumber(value);
  const isEpc = /^(https:\/\/id\.gs1\.org\/01\/|urn:epc:id:)/.test(value);
  if (!donation.ok && !isEpc) return undefined;
  const rows = await database
    .selectFrom("journey_identifiers")
    .select("journey_id")
    .where("identifier_index", "=", identifierIndex(vaultOf(database), donation.ok ? donation.value.din : canonicalEpc(value)))
    .execute();
  return rows.map((row) => row.journey_id);
}
