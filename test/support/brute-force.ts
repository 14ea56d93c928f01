import { getBytes, hexlify } from "ethers";
import type { Kysely } from "kysely";
import { detailCommitment, journeyIdOf, reasonHash } from "../../services/model/custody/index.ts";
import { eventHashBytes } from "../../services/model/epcis/index.ts";
import { certificateHash } from "../../services/model/quality/index.ts";
import type { CertificateOfAnalysis } from "../../services/model/quality/index.ts";
import { genealogyNodeIndex } from "../../services/store/genealogy-rows.ts";
import { identifierIndex, identifiersOf, identityIndex, issuedIdentifierIndex, openIdentities } from "../../services/store/identities.ts";
import { reasonsOf } from "../../services/store/reasons.ts";
import type { Database } from "../../services/store/schema.ts";
import { openResults } from "../../services/store/sealed-batch.ts";
import { labelledEpcIndex } from "../../services/store/sealed-labels.ts";
import { createVault, eventHashIndex, journeyCipher, openEvents, sealedDetail } from "../../services/store/vault/index.ts";
import { candidateSalts, everythingReadable } from "./attacker.ts";
import { present } from "./present.ts";
import type { StoredColumn } from "./stored-texts.ts";

/** What an attacker may know of a subject beforehand: everything but which value of a small domain is the true one. */
export interface KnownSubject {
  journeyId: string;
  chainOfIdentity: string;
  epcs: string[];
  certificate: CertificateOfAnalysis;
  certificateHash: string;
  reason: string;
  reasonHash: string;
  detail: string;
  event: Record<string, unknown>;
  context: unknown;
  /** Everything that blinds something of the subject on the ledger, hexadecimal without 0x. */
  salts: string[];
}

/** Reads, before anything is erased, what the attacks are then tried with. */
export async function knownSubject(database: Kysely<Database>, journeyId: string): Promise<KnownSubject> {
  const cipher = await journeyCipher(database, [journeyId]);
  const journeys = await database.selectFrom("journeys").selectAll().where("journey_id", "=", journeyId).execute();
  const identity = present((await openIdentities(database, journeys)).get(journeyId));
  const events = await openEvents(database, await database.selectFrom("events").selectAll().where("journey_id", "=", journeyId).orderBy("event_number").execute());
  const results = present(await database.selectFrom("batch_results").selectAll().where("journey_id", "=", journeyId).executeTakeFirst());
  const kept = present(openResults(cipher, results));
  const details = await database.selectFrom("exception_details").selectAll().where("journey_id", "=", journeyId).execute();
  const opened = details.map((row) => present(sealedDetail.open(cipher, journeyId, row.exception_key, row.sealed_detail)));
  const reasons = [...(await reasonsOf(database, "exception_reasons", journeyId)), ...(await reasonsOf(database, "disposition_reasons", journeyId))];
  const [hash, first] = present(reasons[0]);
  const event = present(events[0]);
  const certificate = JSON.parse(kept.certificate) as CertificateOfAnalysis;
  const salts = [identity.salt, identity.identitySalt, certificate.salt, ...opened.map(({ salt }) => salt), ...reasons.map(([, { salt }]) => salt), ...events.map(({ salt }) => present(salt))];
  return {
    journeyId,
    chainOfIdentity: identity.chainOfIdentity,
    epcs: (await identifiersOf(database, journeyId)).filter(({ kind }) => kind === "epc").map(({ identifier }) => identifier),
    certificate,
    certificateHash: results.certificate_hash,
    reason: first.reason,
    reasonHash: hash,
    detail: present(opened[0]).detail,
    event: JSON.parse(event.body) as Record<string, unknown>,
    context: JSON.parse(event.context),
    salts: [...salts.map((salt) => salt.replace(/^0x/, "")), (JSON.parse(kept.body) as { record: { salt: string } }).record.salt],
  };
}

export type Discovery = "certificate" | "reason" | "detail" | "event's day" | "journey" | "identity" | "container" | "a salt";

/** The secret facts an attacker comes by who has the dump and the node's secret and tries every value of each domain. */
export function bruteForce(known: KnownSubject, columns: readonly StoredColumn[], secret: Uint8Array): Discovery[] {
  const vault = createVault(secret);
  const dump = columns.map(({ text }) => text).join("\n");
  const readable = everythingReadable(columns, secret);
  const salts = candidateSalts(readable);
  const attempts: Record<Discovery, () => boolean> = {
    certificate: () => salts.some((salt) => viabilities(known.certificate, salt).some((guess) => dump.includes(certificateHash(guess)))),
    reason: () => salts.some((salt) => dump.includes(reasonHash(known.reason, getBytes(salt)))),
    detail: () => salts.some((salt) => dump.includes(detailCommitment(known.detail, getBytes(salt)))),
    "event's day": () => days(known.event).some((event) => dump.includes(eventHashIndex(vault, hexlify(eventHashBytes(event as never, known.context as never))))),
    journey: () => salts.some((salt) => journeyIdOf(known.chainOfIdentity, getBytes(salt)) === known.journeyId),
    identity: () =>
      identitiesOfFacility(known.chainOfIdentity).some((coi) =>
        [identityIndex(vault, coi), issuedIdentifierIndex(vault, coi), ...["donor", "patient"].map((kind) => genealogyNodeIndex(vault, `urn:threadline:${kind}:${coi}`))].some((index) => dump.includes(index)),
      ),
    container: () => known.epcs.some((epc) => [identifierIndex(vault, epc), labelledEpcIndex(vault, epc), genealogyNodeIndex(vault, epc)].some((index) => dump.includes(index))),
    "a salt": () => known.salts.some((salt) => readable.includes(salt)),
  };
  return (Object.keys(attempts) as Discovery[]).filter((name) => attempts[name]());
}

/** Ten values a viability could have had, under one salt. */
function viabilities(certificate: CertificateOfAnalysis, salt: string): CertificateOfAnalysis[] {
  const [test] = certificate.tests;
  const before = present(test).result;
  return Array.from({ length: 10 }, (_, tenth) => ({
    ...certificate,
    salt,
    tests: certificate.tests.map((each, place) => (place === 0 ? { ...each, result: before.replace(/\.\d/, `.${tenth}`) } : each)),
  }));
}

/** The event on each day of its month, at its time of day. */
function days(event: Record<string, unknown>): Record<string, unknown>[] {
  return Array.from({ length: 31 }, (_, day) => ({ ...event, eventTime: String(event["eventTime"]).replace(/-\d\dT/, `-${String(day + 1).padStart(2, "0")}T`) }));
}

/** All identifiers of one facility and year whose number is below a thousand. */
function identitiesOfFacility(chainOfIdentity: string): string[] {
  return Array.from({ length: 1_000 }, (_, number) => `${chainOfIdentity.slice(0, 9)}${String(number).padStart(6, "0")}`);
}
