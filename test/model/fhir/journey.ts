import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { flowSchema, noDisposition } from "../../../services/model/custody/index.ts";
import { eventHashId, eventTarget, namespacesOf, parseEpcisDocument } from "../../../services/model/epcis/index.ts";
import type { FhirJourney, JourneyEvent } from "../../../services/model/fhir/index.ts";

const FOLDER = new URL("../../../examples/car-t/", import.meta.url).pathname;
export const COLLECTION = "https://id.gs1.org/01/09506000134352/21/APH0001";
export const PRODUCT = "https://id.gs1.org/01/09506000134383/21/DPBAG01";
export const HOSPITAL = { gln: "9506000134369", name: "Example University Hospital" };
export const PSEUDONYM = `0x${"5a".repeat(31)}`;

/** The events of examples/car-t as a node holds them, recorded on the ledger in their order. */
export function exampleJourney(extra: Partial<FhirJourney> = {}): FhirJourney {
  const flow = flowSchema.parse(JSON.parse(readFileSync(join(FOLDER, "flow.json"), "utf8")));
  const files = readdirSync(join(FOLDER, "events")).sort();
  const events = files.map((file, sequence): JourneyEvent => {
    const parsed = parseEpcisDocument(JSON.parse(readFileSync(join(FOLDER, "events", file), "utf8")));
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    const [event] = parsed.events;
    if (event === undefined) throw new Error(`${file} has no event`);
    const { step } = eventTarget(event, parsed.context);
    const time = Date.parse(event.eventTime);
    return {
      event,
      namespaces: namespacesOf(parsed.context),
      key: eventHashId(event, parsed.context),
      step: flow.steps.find((candidate) => candidate.step === step) ?? null,
      capturedBy: HOSPITAL,
      recordTime: time + 1000,
      ledger: { sequence, commitment: `0x${"c1".repeat(32)}`, head: `0x${"ad".repeat(32)}`, recordedAt: time + 5000 },
      isDeclaredErroneous: false,
    };
  });
  return {
    journeyId: `0x${"7e".repeat(32)}`,
    chainOfIdentity: "CHA999926000001",
    flow,
    donationIdentificationNumbers: ["A999926123456"],
    epcs: [COLLECTION, PRODUCT],
    patient: { state: "known", pseudonym: PSEUDONYM },
    events,
    exceptions: [],
    releases: [],
    disposition: noDisposition,
    consents: [],
    results: [],
    now: Date.parse("2026-04-01T00:00:00Z"),
    ...extra,
  };
}

/** The journey until before a step. */
export function until(journey: FhirJourney, step: string): FhirJourney {
  const end = journey.events.findIndex((entry) => entry.step?.step === step);
  return { ...journey, events: journey.events.slice(0, end) };
}

/** One more event of the journey. */
export function withEvent(journey: FhirJourney, event: Record<string, unknown>, more: Partial<JourneyEvent> = {}): FhirJourney {
  const last = journey.events.at(-1);
  if (last === undefined) throw new Error("the journey has no event");
  const parsed = parseEpcisDocument({
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", { threadline: "https://threadline.example/epcis/" }],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2026-03-26T10:00:00Z",
    epcisBody: {
      eventList: [
        {
          ...(event["type"] === undefined ? { type: "ObjectEvent", action: "OBSERVE" } : {}),
          eventTime: "2026-03-26T10:00:00Z",
          eventTimeZoneOffset: "+00:00",
          ...event,
        },
      ],
    },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  const [added] = parsed.events;
  if (added === undefined) throw new Error("no event was added");
  const entry = { ...last, event: added, namespaces: namespacesOf(parsed.context), key: eventHashId(added, parsed.context), step: null, ledger: null };
  return { ...journey, events: [...journey.events, { ...entry, ...more }] };
}
