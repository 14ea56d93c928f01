import { getBytes } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { discloseFields } from "../../services/model/privacy/index.ts";
import type { FieldDisclosure } from "../../services/model/privacy/index.ts";
import { renderFieldDisclosure, verifyFieldDisclosure } from "../../services/verification/field-disclosure.ts";
import { present } from "../support/present.ts";
import { startLedgerFixture } from "./support/ledger-fixture.ts";
import type { Journey, LedgerFixture } from "./support/ledger-fixture.ts";

let fixture: LedgerFixture;
let journey: Journey;
let other: Journey;
const start = Math.floor(Date.now() / 1000) - 3_600;

beforeAll(async () => {
  fixture = await startLedgerFixture();
  journey = await fixture.openJourney("COI-0001");
  other = await fixture.openJourney("COI-0002");
  await fixture.record(journey, "collect", "hospital", start);
  await fixture.record(journey, "test", "hospital", start + 60);
}, 240_000);
afterAll(async () => fixture?.close());

function shown(sequence: number, ...paths: string[]): FieldDisclosure {
  const event = present(journey.disclosure.events[sequence]);
  const opened = { eventHash: getBytes(event.eventHash), text: event, salt: getBytes(event.salt) };
  return discloseFields(journey.journeyId, opened, paths);
}

const check = (document: unknown) => verifyFieldDisclosure({ rpcUrl: fixture.anvil.rpcUrl, addresses: fixture.addresses, document });

describe("fields shown of an event", () => {
  it("hold against the chain without the rest of the event", async () => {
    const report = await check(shown(1, "/threadline:step", "/sensorElementList"));
    expect(report).toMatchObject({
      verdict: "holds",
      exitCode: 0,
      event: { sequence: 1, step: "test" },
      fields: [
        { path: "/sensorElementList/0/sensorReport/0/type", value: "Temperature" },
        { path: "/sensorElementList/0/sensorReport/0/value", value: 5.4 },
        { path: "/sensorElementList/0/sensorReport/0/uom", value: "CEL" },
        { path: "/threadline:step", value: "test" },
      ],
    });
    expect(renderFieldDisclosure(report)).toContain("/sensorElementList/0/sensorReport/0/value = 5.4");
  });

  it("do not hold when a value is another, or the leaf is another event's", async () => {
    const document = shown(0, "/threadline:step");
    const leaf = present(document.leaves[0]);
    const lie = await check({ ...document, leaves: [{ ...leaf, value: '"infuse"' }] });
    expect([lie.exitCode, lie.fields]).toEqual([1, []]);
    expect(lie.problems[0]).toContain('"/threadline:step" is not in the commitment');
    expect((await check({ ...document, leaves: shown(1, "/threadline:step").leaves })).exitCode).toBe(1);
  });

  it("do not hold under another journey, or a commitment the ledger never saw", async () => {
    const document = shown(0, "/threadline:step");
    const elsewhere = await check({ ...document, journeyId: other.journeyId });
    expect(elsewhere).toMatchObject({ exitCode: 1, event: null });
    const invented = discloseFields(
      journey.journeyId,
      { eventHash: new Uint8Array(32), text: { body: '{"threadline:step":"infuse"}', context: "null" }, salt: new Uint8Array(32) },
      ["/threadline:step"],
    );
    expect((await check(invented)).problems[0]).toContain("no custody event under the commitment");
  });

  it("could not be checked when document, journey or chain cannot be read", async () => {
    expect((await check({})).exitCode).toBe(2);
    expect((await check({ ...shown(0, "text"), journeyId: `0x${"0".repeat(64)}` })).exitCode).toBe(2);
    const unreachable = { rpcUrl: "http://127.0.0.1:1", addresses: fixture.addresses, document: shown(0, "text") };
    expect((await verifyFieldDisclosure(unreachable)).exitCode).toBe(2);
  });
});
