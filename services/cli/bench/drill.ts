export const DRILL_GLN = "9506000134369";

export const DRILL_PROFILE = {
  name: "cool",
  minimumTemperatureCelsius: 2,
  maximumTemperatureCelsius: 8,
  temperatureBudgetSeconds: 0,
  tiltLimitDegrees: 30,
  tiltBudgetSeconds: 0,
  longestGapSeconds: 240,
  longestDurationSeconds: 864_000,
};

/** A flow as small as a measurement or a drill needs: one leg between two hand-overs, one gate that asks for its proof. */
export const DRILL_FLOW = {
  name: "drill",
  version: 1,
  lateEntryToleranceSeconds: 4_000_000_000,
  handoverToleranceSeconds: 3_600,
  profiles: [DRILL_PROFILE],
  steps: [
    { step: "check", title: "Checked", roles: ["logistics-provider"], custody: "none", repeatable: true },
    { step: "pickup", title: "Accepted", roles: ["logistics-provider"], custody: "take" },
    { step: "arrival", title: "Arrived", roles: ["logistics-provider"], custody: "hold", after: ["pickup"] },
  ],
  legs: [{ leg: "road", from: "pickup", to: "arrival", profile: "cool" }],
  gates: [{ gate: "acceptance", title: "Accepted", roles: ["qualified-person"], requiredSteps: ["arrival"], requiredLegs: ["road"] }],
};

/** One custody event of the drill as an EPCIS document, JSON text; the same arguments give the same text. */
export function drillDocument(chainOfIdentity: string, step: string, timeSeconds: number, mark: number): string {
  const eventTime = new Date(timeSeconds * 1000).toISOString();
  return JSON.stringify({
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", { threadline: "https://threadline.example/epcis/" }],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: eventTime,
    epcisBody: {
      eventList: [
        {
          type: "ObjectEvent",
          eventTime,
          eventTimeZoneOffset: "+00:00",
          epcList: [`https://id.gs1.org/01/09506000134352/21/${chainOfIdentity}`],
          action: "OBSERVE",
          bizStep: "inspecting",
          disposition: "in_progress",
          readPoint: { id: `https://id.gs1.org/414/${DRILL_GLN}/254/${mark}` },
          "threadline:chainOfIdentity": chainOfIdentity,
          "threadline:step": step,
        },
      ],
    },
  });
}
