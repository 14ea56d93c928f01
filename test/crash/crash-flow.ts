/** A flow with one repeatable step, so that many events are one journey's lawful history. */
export const crashFlow = {
  name: "crash-drill",
  version: 1,
  lateEntryToleranceSeconds: 31_536_000,
  handoverToleranceSeconds: 3_600,
  profiles: [
    {
      name: "cool",
      minimumTemperatureCelsius: 2,
      maximumTemperatureCelsius: 8,
      temperatureBudgetSeconds: 0,
      tiltLimitDegrees: 30,
      tiltBudgetSeconds: 0,
      longestGapSeconds: 240,
      longestDurationSeconds: 864_000,
    },
  ],
  steps: [
    { step: "check", title: "Checked on the way", roles: ["logistics-provider"], custody: "none", repeatable: true },
    { step: "pickup", title: "Accepted", roles: ["logistics-provider"], custody: "take" },
    { step: "arrival", title: "Arrived", roles: ["logistics-provider"], custody: "hold", after: ["pickup"] },
  ],
  legs: [{ leg: "road", from: "pickup", to: "arrival", profile: "cool" }],
  gates: [],
};

/** The same text for the same number, so that a client may post it again. */
export function custodyDocument(chainOfIdentity: string, number: number): string {
  const time = new Date(Date.UTC(2026, 5, 1, 8, 0, number)).toISOString();
  return JSON.stringify({
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", { threadline: "https://threadline.example/epcis/" }],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: time,
    epcisBody: {
      eventList: [
        {
          type: "ObjectEvent",
          eventTime: time,
          eventTimeZoneOffset: "+00:00",
          epcList: ["https://id.gs1.org/01/09506000134352/21/CRASH1"],
          action: "OBSERVE",
          bizStep: "inspecting",
          disposition: "in_progress",
          readPoint: { id: "https://id.gs1.org/414/9506000134369" },
          "threadline:chainOfIdentity": chainOfIdentity,
          "threadline:step": "check",
        },
      ],
    },
  });
}
