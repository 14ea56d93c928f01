import { getBytes } from "ethers";
import { blindedEpc, blindedEvent, blindedEventId, blindedPaths, discloseFields } from "../../model/privacy/index.ts";
import type { BlindingScope, FieldDisclosure } from "../../model/privacy/index.ts";
import type { EpcisEvent } from "../../model/epcis/index.ts";
import { identifiersOf, openIdentities } from "../../store/identities.ts";
import type { EventContent } from "../../store/vault/index.ts";
import { flowOf } from "../capture/load-facts.ts";
import { sees } from "../http/caller.ts";
import type { Caller } from "../http/caller.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { seesOf } from "./visible.ts";
import { blindedDocument, eventDocument } from "../schemas/event-document.ts";

/** An opened event row, as much of it as its readers are told apart by. */
export type ReadableEvent = EventContent & {
  journey_id: string | null;
  commitment: string | null;
  captured_by: string;
  record_time_milliseconds: number;
};

/** How one caller reads events: whole, or with the fields that identify nobody. */
export interface EventReader {
  /** Its duty reads event bodies and it works in the journey, or it captured this one and knows what it wrote. */
  readsWhole(row: Pick<ReadableEvent, "captured_by" | "journey_id">): Promise<boolean>;
  /** The event as EPCIS answers it to this caller. */
  document(row: ReadableEvent): Promise<EpcisEvent>;
  /** The paths of the event's commitment that this caller may be shown; null for all of them. */
  paths(row: ReadableEvent): Promise<string[] | null>;
  /** What shows this caller's part of a committed event against the ledger, for one that it does not read whole. */
  disclosure(row: ReadableEvent & { journey_id: string; salt: string }): Promise<FieldDisclosure>;
}

const NO_SCOPE: BlindingScope = { steps: [], identity: [] };

/** The one way by which routes, streams and archives give out events; see services/model/privacy/views.ts. */
export function createEventReader({ database, patients }: Pick<OracleParts, "database" | "patients">, caller: Caller): EventReader {
  const known = new Map<string, Promise<boolean>>();
  const scopes = new Map<string, Promise<BlindingScope>>();

  async function readsWhole({ captured_by: capturedBy, journey_id: journeyId }: Pick<ReadableEvent, "captured_by" | "journey_id">) {
    if (caller.kind === "participant" && capturedBy === caller.participantId) return true;
    if (journeyId === null || !sees(caller, "content")) return sees(caller, "content");
    const isKnown = known.get(journeyId) ?? seesOf(database, caller, journeyId, "content");
    known.set(journeyId, isKnown);
    return isKnown;
  }

  function scopeOf(journeyId: string | null): Promise<BlindingScope> {
    if (journeyId === null) return Promise.resolve(NO_SCOPE);
    const scope = scopes.get(journeyId) ?? loadScope(journeyId);
    scopes.set(journeyId, scope);
    return scope;
  }

  async function loadScope(journeyId: string): Promise<BlindingScope> {
    const row = await database
      .selectFrom("journeys")
      .innerJoin("flows", "flows.document_hash", "journeys.flow_document_hash")
      .select(["journey_id", "sealed_identity", "document_hash", "document"])
      .where("journey_id", "=", journeyId)
      .executeTakeFirst();
    if (row === undefined) return NO_SCOPE;
    const identity = (await openIdentities(database, [row])).get(journeyId);
    const identifiers = await identifiersOf(database, journeyId);
    const pseudonym = await patients.journeyPseudonym(journeyId);
    return {
      steps: flowOf(row.document_hash, row.document).steps.map(({ step }) => step),
      identity: [
        ...(identity === undefined || identity === null ? [] : [identity.chainOfIdentity]),
        ...identifiers.flatMap(({ identifier }) => (isShipment(identifier) ? [] : [identifier, serialOf(identifier)])),
        ...(pseudonym === undefined ? [] : [pseudonym]),
      ],
    };
  }

  return {
    readsWhole,
    async document(row) {
      if (await readsWhole(row)) return eventDocument(row);
      const { journey_id: journeyId, commitment } = row;
      const names = { epc: blindedEpc(journeyId ?? "none"), eventId: blindedEventId(commitment ?? "unbound") };
      return blindedDocument(row, blindedEvent(row, await scopeOf(journeyId), names));
    },
    async paths(row) {
      return (await readsWhole(row)) ? null : blindedPaths(row, await scopeOf(row.journey_id));
    },
    async disclosure(row) {
      const paths = blindedPaths(row, await scopeOf(row.journey_id));
      return discloseFields(row.journey_id, { eventHash: getBytes(row.eventHash), text: row, salt: getBytes(row.salt) }, paths);
    },
  };
}

/** An SSCC names what is carried, to who carries it, and not the material in it. */
function isShipment(identifier: string): boolean {
  return identifier.startsWith("https://id.gs1.org/00/");
}

/** The serial of an SGTIN, which alone names the container too; one too short to be told from other text counts for nothing. */
function serialOf(identifier: string): string {
  const serial = /\/21\/([^/?#]+)$/.exec(identifier)?.[1] ?? "";
  return serial.length < 4 ? "" : serial;
}
