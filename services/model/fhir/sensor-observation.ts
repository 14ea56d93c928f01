import { VOCABULARIES } from "../epcis/index.ts";
import type { EpcisEvent } from "../epcis/index.ts";
import { compact, concept, instant } from "./data-types.ts";
import type { Resource } from "./data-types.ts";
import { bareWord, eventMilliseconds, patientReference, therapyIdentifiers, uriIdentifier } from "./journey-context.ts";
import type { JourneyEvent } from "./journey-record.ts";
import { eventIdentifier, factOf, productReferences } from "./mapping.ts";
import type { Mapping } from "./mapping.ts";
import { resourceId } from "./resource-id.ts";
import { CODE_SYSTEMS, HL7_SYSTEMS } from "./systems.ts";

type SensorElement = NonNullable<EpcisEvent["sensorElementList"]>[number];
type SensorReport = SensorElement["sensorReport"][number];

/** UN/CEFACT Recommendation 20 codes and the UCUM units they are; any other unit stays text. */
const UCUM: Readonly<Record<string, string>> = {
  CEL: "Cel", FAH: "[degF]", KEL: "K", DD: "deg", MSK: "m/s2", P1: "%", SEC: "s", MIN: "min", HUR: "h",
  KGM: "kg", GRM: "g", MTR: "m", LTR: "L", MLT: "mL", PAL: "Pa",
};

const STATISTICS = [
  ["minValue", "minimum"],
  ["maxValue", "maximum"],
  ["meanValue", "mean"],
] as const;

/** One Observation for each report of a sensor in an event (EPCIS 2.0, sensorElementList). */
export function sensorObservationsOf(mapping: Mapping, entry: JourneyEvent): Resource[] {
  return (entry.event.sensorElementList ?? []).flatMap((element, place) =>
    element.sensorReport.map((report, number) => reportOf(mapping, entry, element, report, `${place}:${number}`)),
  );
}

function reportOf(mapping: Mapping, entry: JourneyEvent, element: SensorElement, report: SensorReport, place: string): Resource {
  const { journey } = mapping;
  const deviceId = report.deviceID ?? element.sensorMetadata?.deviceID;
  const value = valueOf(report);
  const component = STATISTICS.flatMap(([member, name]) => {
    const number = report[member];
    return number === undefined
      ? []
      : [{ code: concept(CODE_SYSTEMS.observationCategory, name), valueQuantity: quantity(number, report.uom) }];
  });
  const alert = report.exception;
  return compact({
    resourceType: "Observation",
    id: resourceId(journey.journeyId, `sensor:${factOf(entry)}:${place}`),
    identifier: [...eventIdentifier(entry), ...therapyIdentifiers(journey)],
    status: entry.isDeclaredErroneous ? "entered-in-error" : "final",
    category: [concept(CODE_SYSTEMS.observationCategory, "condition")],
    code: concept(CODE_SYSTEMS.measurement, bareWord(VOCABULARIES.measurement, report.type)),
    subject: patientReference(journey),
    focus: productReferences(mapping, entry),
    ...effectiveOf(entry, element, report),
    issued: instant(entry.recordTime),
    ...value,
    dataAbsentReason:
      value === undefined && component.length === 0 ? concept(HL7_SYSTEMS.dataAbsentReason, "unsupported") : undefined,
    interpretation:
      alert === undefined ? [] : [concept(CODE_SYSTEMS.sensorAlert, bareWord(VOCABULARIES.sensorAlert, alert))],
    device: deviceId === undefined ? undefined : { type: "Device", identifier: uriIdentifier(deviceId) },
    component,
  });
}

function valueOf(report: SensorReport): Record<string, unknown> | undefined {
  if (report.value !== undefined) return { valueQuantity: quantity(report.value, report.uom) };
  if (report.booleanValue !== undefined) return { valueBoolean: report.booleanValue };
  const text = report.stringValue ?? report.uriValue ?? report.hexBinaryValue;
  return text === undefined || text.trim() === "" ? undefined : { valueString: text };
}

function quantity(value: number, unit: string | undefined) {
  const code = unit === undefined ? undefined : UCUM[unit];
  if (code !== undefined) return { value, unit: code, system: HL7_SYSTEMS.ucum, code };
  return { value, ...(unit === undefined || unit.trim() === "" ? {} : { unit }) };
}

function effectiveOf(entry: JourneyEvent, { sensorMetadata }: SensorElement, report: SensorReport) {
  const moment = report.time ?? sensorMetadata?.time;
  if (moment !== undefined) return { effectiveDateTime: instant(Date.parse(moment)) };
  const start = sensorMetadata?.startTime;
  const end = sensorMetadata?.endTime;
  if (start === undefined && end === undefined) return { effectiveDateTime: instant(eventMilliseconds(entry)) };
  return {
    effectivePeriod: {
      ...(start === undefined ? {} : { start: instant(Date.parse(start)) }),
      ...(end === undefined ? {} : { end: instant(Date.parse(end)) }),
    },
  };
}
