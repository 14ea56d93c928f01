import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DivergenceKind } from "../../services/verification/audit-report.ts";
import { topicOf } from "../../services/verification/decode-log.ts";
import type { RawLog } from "../../services/verification/decode-log.ts";
import type { Disclosure } from "../../services/verification/disclosure.ts";
import { renderHtml } from "../../services/verification/html.ts";
import { replayJourney } from "../../services/verification/replay.ts";
import type { AuditReport } from "../../services/verification/replay.ts";
import { renderTimeline } from "../../services/verification/timeline.ts";
import { present } from "../support/present.ts";
import { leavesOf, withLeafChanged } from "./support/json-leaves.ts";
import type { Path } from "./support/json-leaves.ts";
import { eventBody } from "./support/epcis-events.ts";
import { GIAI, startLedgerFixture, UNPLANNED } from "./support/ledger-fixture.ts";
import type { Journey, LedgerFixture } from "./support/ledger-fixture.ts";
import { recentStart, recordUntilReleasable } from "./support/proven-leg.ts";
import { startTamperingProxy } from "./support/tampering-proxy.ts";

let fixture: LedgerFixture;
let journey: Journey;
let other: Journey;

const replay = (disclosure: unknown, journeyId = journey.journeyId, rpcUrl = fixture.anvil.rpcUrl): Promise<AuditReport> =>
  replayJourney({ rpcUrl, addresses: fixture.addresses, journeyId, disclosure });
const disclosed = (): Journey["disclosure"] => structuredClone(journey.disclosure);
const kinds = (report: AuditReport): DivergenceKind[] => [...new Set(report.divergences.map(({ kind }) => kind))];
const sequences = (report: AuditReport) => [...new Set(report.divergences.map(({ sequence }) => sequence))];

beforeAll(async () => {
  fixture = await startLedgerFixture();
  const start = recentStart();
  journey = await fixture.openJourney("COI-0001");
  await fixture.raise(journey, "late-entry", 0, start + 10);
  await recordUntilReleasable(fixture, journey, start);
  await fixture.release(journey, "certification");
  other = await fixture.openJourney("COI-0002");
  await fixture.record(other, "collect", "hospital", start);
  await fixture.record(other, "test", "hospital", start + 60);
  await fixture.record(other, "unplanned", "hospital", start + 120);
  await fixture.raise(other, "temperature-excursion", 0, start + 130);
}, 240_000);

afterAll(async () => fixture?.close());

describe("a faithful disclosure", () => {
  it("opens every commitment without a divergence", async () => {
    const report = await replay(disclosed());
    expect(report.divergences).toEqual([]);
    expect(report.exitCode).toBe(0);
    expect(report.events).toHaveLength(6);
    expect(report.events[2]).toMatchObject({
      sequence: 2,
      step: "pick-up",
      title: "Accepted by the courier",
      custody: "accept",
      participantId: fixture.participantId("courier"),
      participantGln: "4006381000033",
      disclosed: { eventType: "ObjectEvent", bizStep: "inspecting", disposition: "conformant" },
    });
    expect(report.proofs).toMatchObject([{ leg: "inbound", giai: GIAI, status: "compliant", attestation: "device", reason: null }]);
    expect(report.proofs[0]?.segments).toHaveLength(2);
    expect(report.releases).toMatchObject([{ gate: "certification", participantId: fixture.participantId("qualifiedPerson") }]);
    expect(report.exceptions).toMatchObject([{ code: "late-entry", leg: "inbound", observed: 9.5, limit: 8, message: "too warm", holdsRelease: false }]);
  });

  it("of a held journey has its exceptions, and no divergence either", async () => {
    const report = await replay(other.disclosure, other.journeyId);
    expect(report.divergences).toEqual([]);
    expect(report.exceptions.map(({ code }) => code)).toContain("temperature-excursion");
    expect(report.events[2]).toMatchObject({ step: null, title: "unplanned step 255", exceptions: ["step-out-of-order"] });
  });
});

describe("an erased journey", () => {
  const erased = { events: [], exceptionDetails: [], erasedAt: "2026-03-04T12:00:00.000Z" };

  it("is replayed from what the chain holds, and the report says so", async () => {
    const report = await replay({ ...disclosed(), ...erased });
    expect([report.divergences, report.exitCode, report.erasedAt]).toEqual([[], 0, erased.erasedAt]);
    expect(report.events.map(({ disclosed: body }) => body)).toEqual(Array(6).fill(null));
    expect(renderTimeline(report)).toContain("erased bodies and salts");
    expect(renderHtml(report)).toContain("erased bodies and salts");
  });

  it("excuses what is missing and nothing else", async () => {
    expect(kinds(await replay({ ...disclosed(), ...erased, erasedAt: null }))).toEqual(["event-missing", "exception-missing"]);
    const altered = disclosed();
    present(altered.events[0]).body = "{}";
    expect(kinds(await replay({ ...altered, erasedAt: erased.erasedAt }))).toContain("event-unreadable");
  });
});

describe("one changed leaf of a disclosure", () => {
  /** When the oracle took the event in: for information, no commitment covers it. */
  const isInformation = (path: Path) => path.at(-1) === "recordTime";

  it("is caught and located, whichever it is", async () => {
    const original = disclosed();
    const paths = leavesOf(original).filter((path) => !isInformation(path) && path.at(-1) !== "body" && path.at(-1) !== "context");
    expect(paths.length).toBeGreaterThan(40);
    for (const path of paths) {
      const report = await replay(withLeafChanged(original, path));
      expect(report.exitCode, path.join(".")).toBe(1);
      if (path[0] === "events") expect(sequences(report), path.join(".")).toContain(path[1]);
    }
  });

  it("is caught in every leaf of an event's body", async () => {
    const original = disclosed();
    const place = 3;
    const body = JSON.parse(original.events[place]?.body ?? "") as Record<string, unknown>;
    const paths = leavesOf(body);
    expect(paths.length).toBeGreaterThan(18);
    for (const path of paths) {
      const changed = disclosed();
      Object.assign(changed.events[place] ?? {}, { body: JSON.stringify(withLeafChanged(body, path)) });
      const report = await replay(changed);
      expect(report.exitCode, path.join(".")).toBe(1);
      expect(sequences(report), path.join(".")).toEqual([place]);
      expect(["event-altered", "event-unreadable"], path.join(".")).toContain(report.divergences[0]?.kind);
    }
  });

  it("is caught in every leaf of an exception's detail", async () => {
    const original = disclosed();
    const detail = JSON.parse(original.exceptionDetails[0]?.detail ?? "") as Record<string, unknown>;
    for (const path of leavesOf(detail)) {
      const changed = disclosed();
      Object.assign(changed.exceptionDetails[0] ?? {}, { detail: JSON.stringify(withLeafChanged(detail, path)) });
      expect(kinds(await replay(changed)), path.join(".")).toEqual(["exception-detail-altered"]);
    }
  });

  it("is caught in the meaning of a prefix", async () => {
    const changed = disclosed();
    Object.assign(changed.events[1] ?? {}, { context: (changed.events[1]?.context ?? "").replace("threadline.example", "threadline.invalid") });
    const report = await replay(changed);
    expect(kinds(report)).toEqual(expect.arrayContaining(["event-altered"]));
    expect(sequences(report)).toEqual([1]);
  });
});

describe("an error declaration", () => {
  let corrected: Journey;
  const errorDeclaration = { declarationTime: "2026-01-01T10:00:00Z", reason: "did_not_occur" };
  const edited = (place: number, edit: (body: Record<string, unknown>) => void): Disclosure => {
    const disclosure = structuredClone(corrected.disclosure);
    const event = disclosure.events[place];
    if (event === undefined) throw new Error(`no event ${place}`);
    const body = JSON.parse(event.body) as Record<string, unknown>;
    edit(body);
    event.body = JSON.stringify(body);
    return disclosure;
  };

  beforeAll(async () => {
    corrected = await fixture.openJourney("COI-0003");
    const body = { ...eventBody("collect", recentStart(), 0), eventID: "urn:uuid:9f0e9f3e-3f4b-4d1a-8f0f-000000000001" };
    await fixture.recordBody(corrected, body, "collect", "hospital");
    await fixture.recordBody(corrected, { ...body, errorDeclaration }, UNPLANNED, "hospital");
  });

  it("repeats its event, is unplanned on the ledger, and is no divergence", async () => {
    expect((await replay(corrected.disclosure, corrected.journeyId)).divergences).toEqual([]);
  });

  it("is caught when it is taken for a plain event", async () => {
    const report = await replay(edited(1, (body) => delete body["errorDeclaration"]), corrected.journeyId);
    expect(kinds(report)).toEqual(["event-altered", "step-differs"]);
    expect(sequences(report)).toEqual([1]);
  });

  it("is caught when a plain event is made one", async () => {
    const report = await replay(edited(0, (body) => Object.assign(body, { errorDeclaration })), corrected.journeyId);
    expect(kinds(report)).toEqual(["event-altered", "step-differs"]);
    expect(sequences(report)).toEqual([0]);
  });

  it("is caught when its own content is changed, which no CBV hash covers", async () => {
    const report = await replay(edited(1, (body) => Object.assign(body, { errorDeclaration: { ...errorDeclaration, reason: "incorrect_data" } })), corrected.journeyId);
    expect(kinds(report)).toEqual(["event-altered"]);
    expect(sequences(report)).toEqual([1]);
  });

  it.each([0, 1])("is caught with another eventID, which no CBV hash covers: event %d", async (place) => {
    const report = await replay(edited(place, (body) => Object.assign(body, { eventID: "urn:uuid:9f0e9f3e-3f4b-4d1a-8f0f-000000000002" })), corrected.journeyId);
    expect(kinds(report)).toEqual(["event-altered", "identifier-differs"]);
    expect(new Set(sequences(report))).toEqual(new Set([place]));
  });
});

describe("a disclosure that", () => {
  const change = (edit: (disclosure: Disclosure) => void): Disclosure => {
    const disclosure = disclosed();
    edit(disclosure);
    return disclosure;
  };
  const cases: [string, () => Disclosure, DivergenceKind, (number | undefined)[]][] = [
    ["leaves an event out", () => change(({ events }) => void events.splice(4, 1)), "event-missing", [4]],
    ["adds an event of another journey", () => change(({ events }) => void events.push(...other.disclosure.events.slice(0, 1))), "event-not-on-ledger", [undefined]],
    ["discloses an event twice", () => change(({ events }) => void events.push(...events.slice(2, 3))), "event-disclosed-twice", [2]],
    [
      "swaps two salts",
      () =>
        change(({ events: [first, second] }) => {
          if (first !== undefined && second !== undefined) [first.salt, second.salt] = [second.salt, first.salt];
        }),
      "salt-wrong",
      [0, 1],
    ],
    [
      "swaps two bodies",
      () =>
        change(({ events: [first, second] }) => {
          if (first !== undefined && second !== undefined) [first.body, second.body] = [second.body, first.body];
        }),
      "event-altered",
      [0, 1],
    ],
    ["is of another journey", () => structuredClone(other.disclosure) as Disclosure, "journey-differs", [undefined, 0, 1, 2, 3, 4, 5]],
    ["leaves a segment out", () => change(({ segments }) => void segments.pop()), "segment-missing", [undefined]],
    ["is of another flow", () => change((disclosure) => void (disclosure.flowDocumentHash = `0x${"12".repeat(32)}`)), "flow-altered", [undefined]],
    ["leaves an exception's detail out", () => change((disclosure) => void (disclosure.exceptionDetails = [])), "exception-missing", [undefined]],
    [
      "adds an exception that is not on the ledger",
      () => change(({ exceptionDetails }) => void exceptionDetails.push(...other.disclosure.exceptionDetails)),
      "exception-not-on-ledger",
      [undefined],
    ],
    [
      "names another participant",
      () => change(({ events }) => void (events[2] === undefined || (events[2].capturedBy = fixture.participantId("hospital")))),
      "participant-differs",
      [2],
    ],
  ];
  it.each(cases)("%s is named so", async (_, disclosure, kind, places) => {
    const report = await replay(disclosure());
    expect(kinds(report)).toContain(kind);
    expect(sequences(report).sort()).toEqual([...places].sort());
    expect(report.exitCode).toBe(1);
  });

  it("lists its events in another order still opens them: order is the ledger's", async () => {
    expect((await replay(change(({ events }) => void events.reverse()))).divergences).toEqual([]);
  });

  it("cannot be read is refused with what is wrong", async () => {
    await expect(replay({ journeyId: journey.journeyId })).rejects.toMatchObject({ code: "disclosure-invalid" });
  });
});

describe("a node that lies", () => {
  it.each([
    ["a head", 5, ["chain-broken"], [3, 4]],
    ["a signature", 7, ["signature-invalid", "chain-broken"], [3]],
    ["a commitment", 1, ["signature-invalid", "chain-broken", "event-missing", "event-not-on-ledger"], [3, undefined]],
  ])("about %s is caught where it lies", async (_, word, expected, places) => {
    const proxy = await startTamperingProxy(fixture.anvil.rpcUrl, (method, result) => {
      if (method !== "eth_getLogs") return result;
      const log = (result as RawLog[]).filter(({ topics }) => topics[0] === topicOf("CustodyEventRecorded"))[3];
      const end = 2 + 64 * (word + 1);
      if (log !== undefined) log.data = `${log.data.slice(0, end - 1)}${log.data[end - 1] === "0" ? "1" : "0"}${log.data.slice(end)}`;
      return result;
    });
    try {
      const report = await replay(disclosed(), journey.journeyId, proxy.rpcUrl);
      expect(kinds(report)).toEqual(expect.arrayContaining(expected));
      expect(sequences(report)).toEqual(expect.arrayContaining(places));
    } finally {
      await proxy.close();
    }
  });
});

describe("what a person reads", () => {
  it("is a timeline of fixed width that names every event, condition, exception and release", async () => {
    const text = renderTimeline(await replay(disclosed()));
    for (const expected of ["0. Collected", "GLN 4006381000033: accepts custody", "Leg inbound: condition compliant", "late-entry (minor)", "Released: Certification", "No divergence"])
      expect(text).toContain(expected);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it("shows a divergence beside its event and in the list", async () => {
    const changed = disclosed();
    Object.assign(changed.events[1] ?? {}, { salt: `0x${"11".repeat(32)}` });
    const text = renderTimeline(await replay(changed));
    expect(text).toContain("! 1. Released to the courier");
    expect(text).toContain("Divergences (1):");
    expect(text).toContain("event-altered: text or salt of the event");
  });

  it("is a page without anything from outside, and what comes from outside is escaped", async () => {
    const report = await replay(disclosed());
    const hostile = `<script>alert(1)</script>"'&\u001b[31m`;
    for (const event of report.events) {
      event.title = hostile;
      if (event.disclosed !== null) Object.assign(event.disclosed, { bizStep: hostile, readPoint: hostile });
    }
    const page = renderHtml(report);
    expect(page).not.toContain("<script");
    expect(page).not.toContain("\u001b");
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;?[31m");
    expect(page).not.toMatch(/(src|href)=|url\(|@import/);
    expect(page).toContain("prefers-color-scheme: dark");
    expect(page).toContain("@media print");
    expect(renderTimeline(report)).not.toContain("\u001b");
  });
});
