import { criterionText } from "../quality/certificate.ts";
import { compact, concept, instant } from "./data-types.ts";
import type { Resource } from "./data-types.ts";
import { organisationReference, patientReference, therapyIdentifiers, uriIdentifier } from "./journey-context.ts";
import type { CertifiedResult, JourneyResults } from "./journey-record.ts";
import { productReference } from "./mapping.ts";
import type { Mapping } from "./mapping.ts";
import { resourceId } from "./resource-id.ts";
import { CODE_SYSTEMS, HL7_SYSTEMS } from "./systems.ts";

const COMPARATORS: Readonly<Record<string, string>> = { "less-than": "<", "greater-than": ">" };

/** Why a test that the certificate names has no result; one that was not asked for has no Observation either. */
const ABSENT: Readonly<Record<string, string>> = { pending: "temp-unknown", missing: "unknown" };

/** One Observation for each release test on a certificate of analysis. A first stage's results are preliminary. */
export function testObservationsOf(mapping: Mapping): Resource[] {
  return mapping.journey.results.flatMap((certified) =>
    certified.tests
      .filter(({ verdict }) => verdict !== "not-tested")
      .map((tested) => testObservation(mapping, certified, tested)),
  );
}

function testObservation({ journey, materials }: Mapping, certified: JourneyResults, tested: CertifiedResult): Resource {
  const { specified, result, verdict } = tested;
  const made = [...materials.values()].filter((material) => material.made !== null);
  return compact({
    resourceType: "Observation",
    id: resourceId(journey.journeyId, `test:${certified.key}:${specified.test}`),
    identifier: [uriIdentifier(certified.batch), ...therapyIdentifiers(journey)],
    status: result === null ? "registered" : certified.stage === "first" ? "preliminary" : "final",
    category: [concept(HL7_SYSTEMS.observationCategory, "laboratory")],
    code: concept(CODE_SYSTEMS.releaseTest, specified.test, specified.title),
    subject: patientReference(journey),
    focus: made.map(({ epc }) => productReference({ journey, materials, orders: [] }, epc)),
    issued: instant(certified.signedAt),
    performer: [organisationReference(certified.laboratory)],
    ...valueOf(tested),
    dataAbsentReason: result === null ? concept(HL7_SYSTEMS.dataAbsentReason, ABSENT[verdict] ?? "unknown") : undefined,
    interpretation: result === null ? [] : [concept(CODE_SYSTEMS.verdict, verdict)],
    referenceRange: [{ text: criterionText(specified) }],
  });
}

function valueOf({ result }: CertifiedResult): Record<string, unknown> {
  if (result === null) return {};
  if (!("value" in result)) return { valueCodeableConcept: concept(CODE_SYSTEMS.finding, result.qualifier) };
  const comparator = COMPARATORS[result.qualifier];
  return {
    valueQuantity: {
      value: Number(result.value),
      ...(comparator === undefined ? {} : { comparator }),
      unit: result.unit,
      system: HL7_SYSTEMS.ucum,
      code: result.unit,
    },
  };
}
