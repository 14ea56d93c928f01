import type { ResourceType } from "./journey-resources.ts";
import {
  JOURNEY_SEARCH_PARAMETER_URL,
  PRODUCT_CODE_PARAMETER_URL,
  PRODUCT_IDENTIFIER_PARAMETER_URL,
} from "./systems.ts";

export interface SearchParameter {
  name: "_id" | "journey" | "identifier" | "code" | "patient" | "subject" | "target";
  type: "token" | "reference";
  definition: string;
  documentation: string;
}

const HL7 = "http://hl7.org/fhir/SearchParameter";
const BY_IDENTIFIER = "Patients are referred to by identifier only: search with the modifier :identifier";

const id: SearchParameter = { name: "_id", type: "token", definition: `${HL7}/Resource-id`, documentation: "Logical id" };
const journey: SearchParameter = {
  name: "journey",
  type: "token",
  definition: JOURNEY_SEARCH_PARAMETER_URL,
  documentation: "Ledger id of the journey",
};
const identifier = (definition: string): SearchParameter => ({
  name: "identifier",
  type: "token",
  definition,
  documentation: "EPC, donation number, Single European Code, Chain of Identity, order or event id",
});
const code = (definition: string): SearchParameter => ({ name: "code", type: "token", definition, documentation: "Code" });
const patient = (definition: string): SearchParameter => ({ name: "patient", type: "reference", definition, documentation: BY_IDENTIFIER });
const subject = (definition: string): SearchParameter => ({ name: "subject", type: "reference", definition, documentation: BY_IDENTIFIER });

const clinical = [identifier(`${HL7}/clinical-identifier`), code(`${HL7}/clinical-code`), patient(`${HL7}/clinical-patient`)];

/** What each type can be searched by. R4 defines no parameter of its own for BiologicallyDerivedProduct. */
export const SEARCH_PARAMETERS: Readonly<Record<ResourceType, readonly SearchParameter[]>> = {
  BiologicallyDerivedProduct: [id, journey, identifier(PRODUCT_IDENTIFIER_PARAMETER_URL), code(PRODUCT_CODE_PARAMETER_URL)],
  Specimen: [id, journey, identifier(`${HL7}/Specimen-identifier`), patient(`${HL7}/Specimen-patient`), subject(`${HL7}/Specimen-subject`)],
  ServiceRequest: [id, journey, ...clinical, subject(`${HL7}/ServiceRequest-subject`)],
  Procedure: [id, journey, ...clinical, subject(`${HL7}/Procedure-subject`)],
  Observation: [id, journey, ...clinical, subject(`${HL7}/Observation-subject`)],
  Consent: [id, journey, identifier(`${HL7}/clinical-identifier`), patient(`${HL7}/clinical-patient`)],
  Provenance: [id, journey, { name: "target", type: "reference", definition: `${HL7}/Provenance-target`, documentation: "Type and id of the target" }],
  AuditEvent: [id, journey],
};
