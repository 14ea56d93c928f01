import type { DispositionState, ExceptionClass, FlowDefinition, FlowStep } from "../custody/index.ts";
import type { EpcisEvent, Namespaces } from "../epcis/index.ts";
import type { ConsentGrant } from "../patient/index.ts";
import type { CertifiedTest } from "../quality/certificate.ts";
import type { TestResult } from "../quality/result-encoding.ts";
import type { SpecifiedTest } from "../quality/specification.ts";

/** An organisation as others may know it: by its GLN. */
export interface Organisation {
  gln: string | null;
  name: string | null;
}

/** One custody event with what the node and the ledger know of it. Times are Unix milliseconds. */
export interface JourneyEvent {
  event: EpcisEvent;
  /** Prefixes in force in the event, its document's included. */
  namespaces: Namespaces;
  /** What makes it this event and no other: its event hash, 0x hexadecimal. */
  key: string;
  /** Null when it is outside the flow. */
  step: FlowStep | null;
  capturedBy: Organisation;
  recordTime: number;
  /** Null while the ledger has not recorded it. */
  ledger: { sequence: number; commitment: string; head: string; recordedAt: number } | null;
  /** Another event declares that this one is erroneous. */
  isDeclaredErroneous: boolean;
}

export interface JourneyException {
  /** The same before and after the ledger recorded it. */
  key: string;
  /** Number on the ledger; null before. */
  number: number | null;
  code: string;
  class: ExceptionClass;
  /** `pending` before the ledger recorded it; whatever is neither resolved nor accepted is open. */
  status: string;
  leg: string | null;
  /** Unix milliseconds. */
  occurredAt: number;
  raisedAt: number | null;
  message: string;
}

export interface JourneyRelease {
  gate: string;
  title: string;
  releasedAt: number;
  releasedBy: Organisation;
  signer: string;
  /** Head of the ledger's hash chain that the signature covers. */
  head: string;
}

/** One test of a specification with its result, if there is one. */
export interface CertifiedResult {
  specified: SpecifiedTest;
  result: TestResult | null;
  verdict: CertifiedTest["verdict"];
}

/** A laboratory's signed results under one specification. */
export interface JourneyResults {
  /** Their commitment. */
  key: string;
  /** URI of the batch. */
  batch: string;
  stage: "first" | "final";
  laboratory: Organisation;
  /** Unix milliseconds, by the laboratory's clock. */
  signedAt: number;
  tests: CertifiedResult[];
}

export type JourneyConsent = ConsentGrant & { givenBy: Organisation; granteeOrganisation: Organisation };

/** Whose journey it is: a pseudonym shown, one the reader may not learn, or none on record. */
export type JourneyPatient = { state: "known"; pseudonym: string } | { state: "masked" } | { state: "unknown" };

/** A journey as FHIR is made of it. `now` is the moment of reading, Unix milliseconds. */
export interface FhirJourney {
  journeyId: string;
  /** Null once erased. */
  chainOfIdentity: string | null;
  flow: FlowDefinition;
  donationIdentificationNumbers: string[];
  /** EPCs known to be this journey's. One of another journey's in an event of this one is a mix-up, and no product here. */
  epcs: readonly string[];
  patient: JourneyPatient;
  events: JourneyEvent[];
  exceptions: JourneyException[];
  releases: JourneyRelease[];
  disposition: DispositionState;
  consents: JourneyConsent[];
  /** Empty for a reader who may not see certificates of analysis. */
  results: JourneyResults[];
  now: number;
}
