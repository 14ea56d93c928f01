import { describe, expect, it } from "vitest";
import { coolReadings, placeOf, play, setProfile, setReadings, shortJourney } from "../support/journey-folders.ts";
import type { JourneyDraft } from "../support/journey-folders.ts";

const GRAI = "09506000134352DRY0001";
const LANE = "hospital-to-manufacturer";
const QUALIFIED = { qualifiedFrom: "2026-03-01T00:00:00Z", qualifiedUntil: "2026-04-01T00:00:00Z" };

/** The short journey in a shipper that lasts 70 minutes upright and a third of it on its side; 50 are planned for the way. */
function shippedJourney(isQualified = true): JourneyDraft {
  const draft = shortJourney();
  setProfile(draft, { tiltLimitDegrees: null, tiltBudgetSeconds: 0 });
  draft.flow.legs = draft.flow.legs.map((leg) => ({ ...leg, shipper: true }));
  const holdTime = { nominalHoldSeconds: 4200, tiltBands: [{ fromDegrees: 0, burnRate: 1 }, { fromDegrees: 60, burnRate: 3 }] };
  const owner = draft.description.participants.find(({ roles }) => roles.includes("logistics-provider"))?.id ?? "";
  const gln = draft.description.participants.find(({ id }) => id === owner)?.gln;
  const setup = (request: string, body: Record<string, unknown>) => ({ request, by: "operator", body });
  const lane = { lane: LANE, title: "Hospital to manufacturer", plannedSeconds: 3000, holdTimeMargin: 1.1 };
  draft.description.setup = [
    setup("/equipment", { grai: GRAI, model: "Vapour 4", holdTime, owner: gln }),
    setup("/lanes", lane),
    setup(`/lanes/${LANE}/qualifications`, QUALIFIED),
    ...(isQualified ? [setup(`/equipment/${GRAI}/qualifications`, QUALIFIED)] : []),
  ];
  const request = "/journeys/{journeyId}/legs/inbound/shipper";
  const step = { request, by: owner, body: { grai: GRAI, lane: LANE, assignedAt: "2026-03-02T22:55:00Z" } };
  draft.description.steps.splice(placeOf(draft, "inbound"), 0, step);
  return draft;
}

describe("a journey in a shipper", () => {
  it("is released in a qualified one that stands upright", async () => {
    const result = await play(shippedJourney());
    expect(result.exceptions).toEqual([]);
    expect(result).toMatchObject({ verdict: "released", verify: { verdict: "compliant", exitCode: 0 } });
  });

  it("is held when the shipper lay on its side until its hold time was gone, cold as it still was", async () => {
    const draft = shippedJourney();
    setReadings(draft, coolReadings((minute) => (minute >= 10 ? { tilt: 90 } : {})));
    const result = await play(draft);
    const found = result.exceptions.map(({ code, class: exceptionClass, leg, observed, limit }) => ({ code, class: exceptionClass, leg, observed, limit }));
    expect(found.sort((left, right) => (left.code < right.code ? -1 : 1))).toEqual([
      { code: "hold-time-exhausted", class: "critical", leg: "inbound", observed: 2160, limit: 4200 },
      { code: "hold-time-low", class: "minor", leg: "inbound", observed: 1620, limit: 1680 },
    ]);
    expect(result).toMatchObject({ verdict: "held", verify: { verdict: "not-compliant", exitCode: 1 } });
  });

  it("is released in one that was not qualified when quality assessed it and the qualified person accepted it", async () => {
    const draft = shippedJourney(false);
    const transitions = [["quality", "classified"], ["quality", "under-assessment"], ["quality", "acceptance-proposed"], ["qualified-person", "accepted"]] as const;
    const certification = placeOf(draft, "certification");
    draft.description.steps.splice(
      certification + 1,
      0,
      ...transitions.map(([by, to]) => ({
        request: "/journeys/{journeyId}/exceptions/{exception:shipper-not-qualified}/transitions",
        by,
        body: { to, reason: "Same model, qualified a week later without a finding; readings within range throughout." },
      })),
      { accept: "inbound", exception: "shipper-not-qualified", by: "qualified-person" },
      { release: "certification", by: "certifier" },
    );
    const result = await play(draft);
    expect(result.releases.map(({ granted, reason }) => [granted, reason])).toEqual([
      [false, expect.stringMatching(/equipment "inbound" is not-compliant/)],
      [true, "every check is met"],
    ]);
    expect(result).toMatchObject({ verdict: "released", verify: { verdict: "compliant", exitCode: 0 } });
  });

  it("is held in a shipper that was not qualified", async () => {
    const result = await play(shippedJourney(false));
    expect(result.exceptions.map(({ code }) => code)).toEqual(["shipper-not-qualified"]);
    expect(result).toMatchObject({ verdict: "held", verify: { verdict: "not-compliant", exitCode: 1 } });
    expect(result.releases[0]?.reason).toMatch(/equipment "inbound" is not-compliant/);
  });
});
