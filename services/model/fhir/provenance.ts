import { compact, concept, instant } from "./data-types.ts";
import type { Extension, Reference, Resource } from "./data-types.ts";
import { activityConcept, eventMilliseconds, organisationReference } from "./journey-context.ts";
import type { JourneyEvent, JourneyRelease } from "./journey-record.ts";
import { eventIdentifier, factOf, orderReferences, productReference, productReferences } from "./mapping.ts";
import type { Mapping } from "./mapping.ts";
import { resourceId } from "./resource-id.ts";
import { CODE_SYSTEMS, EXTENSIONS, HL7_SYSTEMS, IDENTIFIER_SYSTEMS } from "./systems.ts";

/** Provenance: one for each custody event with its record on the ledger, one for each gate released. */
export function provenancesOf(mapping: Mapping): Resource[] {
  return [
    ...mapping.journey.events.map((entry) => eventProvenance(mapping, entry)),
    ...mapping.journey.releases.map((release) => releaseProvenance(mapping, release)),
  ];
}

function eventProvenance(mapping: Mapping, entry: JourneyEvent): Resource {
  const { journey } = mapping;
  const isCorrection = entry.event.errorDeclaration !== undefined;
  const [what] = eventIdentifier(entry);
  return compact({
    resourceType: "Provenance",
    id: resourceId(journey.journeyId, `event:${factOf(entry)}`),
    extension: ledgerRecord(entry),
    target: targetsOf(mapping, productReferences(mapping, entry)),
    occurredDateTime: instant(eventMilliseconds(entry)),
    recorded: instant(entry.ledger?.recordedAt ?? entry.recordTime),
    activity: isCorrection ? { text: "Declared erroneous" } : activityConcept(entry),
    agent: [
      { type: concept(HL7_SYSTEMS.provenanceParticipant, "performer"), who: organisationReference(entry.capturedBy) },
    ],
    entity:
      what === undefined ? [] : [{ role: isCorrection ? "revision" : "source", what: { identifier: what, display: "EPCIS event" } }],
  });
}

function releaseProvenance(mapping: Mapping, release: JourneyRelease): Resource {
  const { journey, materials } = mapping;
  return compact({
    resourceType: "Provenance",
    id: resourceId(journey.journeyId, `release:${release.gate}`),
    extension: [
      {
        url: EXTENSIONS.ledgerRecord,
        extension: [
          { url: "head", valueString: release.head },
          { url: "signer", valueString: release.signer },
        ],
      },
    ],
    target: targetsOf(mapping, [...materials.keys()].map((epc) => productReference(mapping, epc))),
    occurredDateTime: instant(release.releasedAt),
    recorded: instant(release.releasedAt),
    activity: concept(CODE_SYSTEMS.gate, release.gate, release.title),
    agent: [
      { type: concept(HL7_SYSTEMS.provenanceParticipant, "legal"), who: organisationReference(release.releasedBy) },
    ],
  });
}

/** The material; the order when an event names none; the journey itself when there is no order either. */
function targetsOf(mapping: Mapping, material: Reference[]): Reference[] {
  if (material.length > 0) return material;
  const orders = orderReferences(mapping);
  if (orders.length > 0) return orders;
  return [{ identifier: { system: IDENTIFIER_SYSTEMS.journey, value: mapping.journey.journeyId } }];
}

function ledgerRecord({ ledger }: JourneyEvent): Extension[] {
  if (ledger === null) return [];
  return [
    {
      url: EXTENSIONS.ledgerRecord,
      extension: [
        { url: "sequence", valueUnsignedInt: ledger.sequence },
        { url: "commitment", valueString: ledger.commitment },
        { url: "head", valueString: ledger.head },
      ],
    },
  ];
}
