const BASE = "https://threadline.example/fhir";

/**
 * Identifier systems. Those of ISBT 128 and GS1 are their owners'; no table of theirs is repeated here. The Chain of
 * Identity has no published system yet (R6 ballot: `therapyIdentifier`), so it goes under one of Threadline's own.
 */
export const IDENTIFIER_SYSTEMS = {
  uri: "urn:ietf:rfc:3986",
  globalLocationNumber: "https://www.gs1.org/gln",
  donationIdentificationNumber: "https://www.isbt128.org/uri/DonationIdentificationNumber",
  singleEuropeanCode: "https://www.isbt128.org/uri/SingleEuropeanCode",
  chainOfIdentity: `${BASE}/NamingSystem/chain-of-identity`,
  patientPseudonym: `${BASE}/NamingSystem/patient-pseudonym`,
  journey: `${BASE}/NamingSystem/journey`,
  exceptionNumber: `${BASE}/NamingSystem/exception-number`,
  consent: `${BASE}/NamingSystem/consent`,
} as const;

/** Threadline's own code systems. Words of the CBV and of a flow are codes as they stand, never translated. */
export const CODE_SYSTEMS = {
  businessStep: `${BASE}/CodeSystem/cbv-business-step`,
  disposition: `${BASE}/CodeSystem/cbv-disposition`,
  measurement: `${BASE}/CodeSystem/gs1-measurement-type`,
  sensorAlert: `${BASE}/CodeSystem/gs1-sensor-alert`,
  flowStep: `${BASE}/CodeSystem/flow-step`,
  gate: `${BASE}/CodeSystem/flow-gate`,
  procedure: `${BASE}/CodeSystem/procedure`,
  materialState: `${BASE}/CodeSystem/material-state`,
  productClass: `${BASE}/CodeSystem/product-class`,
  specimenType: `${BASE}/CodeSystem/specimen-type`,
  exception: `${BASE}/CodeSystem/exception`,
  exceptionClass: `${BASE}/CodeSystem/exception-class`,
  exceptionStatus: `${BASE}/CodeSystem/exception-status`,
  observationCategory: `${BASE}/CodeSystem/observation-category`,
  releaseTest: `${BASE}/CodeSystem/release-test`,
  finding: `${BASE}/CodeSystem/finding`,
  verdict: `${BASE}/CodeSystem/verdict`,
  role: `${BASE}/CodeSystem/role`,
  consentScope: `${BASE}/CodeSystem/consent-scope`,
} as const;

/** Code systems of HL7 and LOINC, by reference. */
export const HL7_SYSTEMS = {
  provenanceParticipant: "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
  auditEventType: "http://terminology.hl7.org/CodeSystem/audit-event-type",
  restfulInteraction: "http://hl7.org/fhir/restful-interaction",
  auditEntityType: "http://terminology.hl7.org/CodeSystem/audit-entity-type",
  objectRole: "http://terminology.hl7.org/CodeSystem/object-role",
  dataAbsentReason: "http://terminology.hl7.org/CodeSystem/data-absent-reason",
  consentScope: "http://terminology.hl7.org/CodeSystem/consentscope",
  consentAction: "http://terminology.hl7.org/CodeSystem/consentaction",
  actCode: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
  actReason: "http://terminology.hl7.org/CodeSystem/v3-ActReason",
  participationType: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
  identifierType: "http://terminology.hl7.org/CodeSystem/v2-0203",
  observationCategory: "http://terminology.hl7.org/CodeSystem/observation-category",
  loinc: "http://loinc.org",
  ucum: "http://unitsofmeasure.org",
} as const;

/**
 * Extensions. Elements that R4 lacks and a later release has are named as HL7's rule for extensions between versions
 * says (`…/fhir/<version>/StructureDefinition/extension-<path>`); R6 is in ballot.
 */
export const EXTENSIONS = {
  biologicalSourceEvent: "http://hl7.org/fhir/5.0/StructureDefinition/extension-BiologicallyDerivedProduct.biologicalSourceEvent",
  processingFacility: "http://hl7.org/fhir/5.0/StructureDefinition/extension-BiologicallyDerivedProduct.processingFacility",
  expirationDate: "http://hl7.org/fhir/5.0/StructureDefinition/extension-BiologicallyDerivedProduct.expirationDate",
  therapyIdentifier: "http://hl7.org/fhir/6.0/StructureDefinition/extension-BiologicallyDerivedProduct.therapyIdentifier",
  materialState: `${BASE}/StructureDefinition/material-state`,
  product: `${BASE}/StructureDefinition/product`,
  ledgerRecord: `${BASE}/StructureDefinition/ledger-record`,
} as const;

export const CAPABILITY_STATEMENT_URL = `${BASE}/CapabilityStatement/threadline`;
export const JOURNEY_EVERYTHING_URL = `${BASE}/OperationDefinition/journey-everything`;
export const JOURNEY_SEARCH_PARAMETER_URL = `${BASE}/SearchParameter/journey`;
export const PRODUCT_IDENTIFIER_PARAMETER_URL = `${BASE}/SearchParameter/BiologicallyDerivedProduct-identifier`;
export const PRODUCT_CODE_PARAMETER_URL = `${BASE}/SearchParameter/BiologicallyDerivedProduct-code`;
