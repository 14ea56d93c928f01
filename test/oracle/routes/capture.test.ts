import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventHashBytes } from "../../../services/model/epcis/index.ts";
import { identifierIndex, identifiersOf } from "../../../services/store/identities.ts";
import { vaultOf } from "../../../services/store/vault/index.ts";
import { openedDetails, openedEvents } from "../../support/sealed.ts";
import { eventCommitment } from "../../../services/model/privacy/index.ts";
import { getBytes } from "ethers";
import { bareEvent, documentOf, newBag, newIdentity, objectEvent, openJourney, present, startOracle } from "../support.ts";
import type { Api, TestOracle } from "../support.ts";

let oracle: TestOracle;
let apheresis: Awaited<ReturnType<TestOracle["participant"]>>;
let api: Api;

beforeAll(async () => {
  oracle = await startOracle();
  apheresis = await oracle.participant("apheresis-centre");
  api = apheresis.api;
});
afterAll(() => oracle.close());

const count = async (table: "events" | "ledger_operations" | "capture_jobs") =>
  Number(
    (
      await oracle.database
        .selectFrom(table)
        .select((select) => select.fn.countAll().as("n"))
        .executeTakeFirstOrThrow()
    ).n,
  );

async function jobOf(location: string | null) {
  return (await api("GET", location ?? "")).body;
}

const stored = async (eventId: string) =>
  (await openedEvents(oracle.database)).filter((row) => row.eventId === eventId);

const details = async (journeyId: string) =>
  (await openedDetails(oracle.database)).filter((row) => row.journey_id === journeyId);

describe("POST /capture", () => {
  it("stores event, job and ledger operation together, with a commitment that opens to the event", async () => {
    const { coi, journeyId } = await openJourney(oracle);
    const event = objectEvent({
      eventID: "urn:uuid:11111111-1111-4111-8111-111111111111",
      "threadline:chainOfIdentity": coi,
      "threadline:step": "collect",
    });
    const document = documentOf(event);
    const { status, headers } = await api("POST", "/capture", document);
    expect(status).toBe(202);
    expect(headers.get("location")).toMatch(/^\/capture\/[0-9a-f-]{36}$/);
    expect(headers.get("gs1-epcis-version")).toBe("2.0.0");
    expect(await jobOf(headers.get("location"))).toMatchObject({
      running: false,
      success: true,
      captureErrorBehaviour: "rollback",
      errors: [],
    });
    const row = present((await stored("urn:uuid:11111111-1111-4111-8111-111111111111"))[0]);
    expect(row).toMatchObject({ journey_id: journeyId, step: 0, captured_by: apheresis.participantId });
    const hash = eventHashBytes(event as never, document["@context"]);
    expect(eventCommitment(hash, { body: row.body, context: row.context }, getBytes(present(row.salt)))).toBe(
      row.commitment,
    );
    const operation = await oracle.database
      .selectFrom("ledger_operations")
      .selectAll()
      .where("idempotency_key", "=", `custody-event:${row.commitment}`)
      .executeTakeFirstOrThrow();
    expect(JSON.parse(operation.payload)).toEqual({
      journeyId,
      commitment: row.commitment,
      step: 0,
      occurredAt: Date.parse("2026-03-02T09:00:00Z") / 1000,
      participantId: apheresis.participantId,
    });
  });

  it("captures the same event once, in whatever form it comes again", async () => {
    const { coi } = await openJourney(oracle);
    const event = objectEvent({ "threadline:chainOfIdentity": coi, "threadline:step": "collect" });
    await api("POST", "/capture", documentOf(event));
    const before = [await count("events"), await count("ledger_operations")];
    const again = await api(
      "POST",
      "/capture",
      documentOf(event, { ...event, eventTime: "2026-03-02T10:00:00.000+01:00" }),
    );
    expect(await jobOf(again.headers.get("location"))).toMatchObject({ success: true });
    expect([await count("events"), await count("ledger_operations")]).toEqual(before);
  });

  it("rolls the whole document back by default, and keeps the good events with proceed", async () => {
    const { coi } = await openJourney(oracle);
    const target = { "threadline:chainOfIdentity": coi };
    const good = objectEvent({ ...target, eventID: "urn:uuid:22222222-2222-4222-8222-222222222222" });
    const refused = objectEvent({ errorDeclaration: { declarationTime: "2026-03-03T09:00:00Z" } });
    const before = await count("events");
    const rolledBack = await api("POST", "/capture", documentOf(good, refused));
    expect(rolledBack.status).toBe(202);
    const job = await jobOf(rolledBack.headers.get("location"));
    expect(job).toMatchObject({ success: false, running: false });
    expect(job.errors).toEqual([
      expect.objectContaining({ type: "epcisException:ValidationException", eventIndex: 1 }),
    ]);
    expect(await count("events")).toBe(before);

    const invalid = { ...objectEvent(target), bizStep: "apheresis" };
    const proceeded = await api("POST", "/capture", documentOf(good, refused, invalid), {
      "GS1-Capture-Error-Behaviour": "proceed",
    });
    const second = await jobOf(proceeded.headers.get("location"));
    expect(second.success).toBe(false);
    expect(second.errors.map((error: { eventIndex: number }) => error.eventIndex)).toEqual([1, 2]);
    expect(await count("events")).toBe(before + 1);
  });

  it("answers 400 with EPCIS exceptions for what is no valid document", async () => {
    for (const body of [
      "{",
      "[]x",
      JSON.stringify({ type: "EPCISDocument" }),
      JSON.stringify(documentOf({ ...objectEvent(), bizStep: "apheresis" })),
      "null",
      "42",
      '"text"',
    ]) {
      const answered = await api("POST", "/capture", body);
      expect([body, answered.status]).toEqual([body, 400]);
      expect(answered.headers.get("content-type")).toContain("application/problem+json");
      expect(answered.body).toMatchObject({ type: "epcisException:ValidationException", status: 400 });
    }
    const header = await api("POST", "/capture", documentOf(objectEvent()), {
      "GS1-Capture-Error-Behaviour": "ignore",
    });
    expect(header.status).toBe(400);
    expect((await api("POST", "/capture", "<xml/>", { "content-type": "application/xml" })).status).toBe(415);
  });

  it("refuses more events than a capture may have", async () => {
    const events = Array.from({ length: 1001 }, () => objectEvent());
    const answered = await api("POST", "/capture", documentOf(...events));
    expect(answered.status).toBe(413);
    expect(answered.body.type).toBe("epcisException:CaptureLimitExceededException");
  });

  it("finds the journey by EPCs once they are known, also within one document", async () => {
    const { coi, journeyId } = await openJourney(oracle);
    const bag = newBag();
    const first = objectEvent({ epcList: [bag], "threadline:chainOfIdentity": coi, "threadline:step": "collect" });
    const second = objectEvent({
      epcList: ["urn:epc:id:sgtin:9506000.013435.NEXT"],
      eventID: "urn:uuid:33333333-3333-4333-8333-333333333333",
    });
    const transformation = {
      type: "TransformationEvent",
      eventTime: "2026-03-03T09:00:00Z",
      eventTimeZoneOffset: "+00:00",
      eventID: "urn:uuid:44444444-4444-4444-8444-444444444444",
      inputEPCList: [bag],
      outputEPCList: ["urn:epc:id:sgtin:9506000.013435.NEXT"],
    };
    await api("POST", "/capture", documentOf(first, transformation, second));
    for (const id of ["33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"])
      expect((await stored(`urn:uuid:${id}`))[0]).toMatchObject({ journey_id: journeyId, step: 255 });
  });

  it("stores an event of no journey and sends nothing to the ledger for it", async () => {
    const before = await count("ledger_operations");
    const { status, body } = await api("POST", "/events", bareEvent());
    expect(status).toBe(201);
    expect((await stored(body.eventID))[0]).toMatchObject({ journey_id: null, commitment: null, salt: null });
    expect(await count("ledger_operations")).toBe(before);
  });

  it("records an event that names an unknown Chain of Identity on the journey of its EPCs, as a mix-up", async () => {
    const { coi, journeyId } = await openJourney(oracle);
    const [bag, companion, unknown] = [newBag(), newBag(), newIdentity()];
    await api("POST", "/events", bareEvent({ epcList: [bag], "threadline:chainOfIdentity": coi, "threadline:step": "collect" }));
    const swapped = bareEvent({ epcList: [bag, companion], "threadline:chainOfIdentity": unknown, "threadline:step": "accept" });
    const { status, body } = await api("POST", "/events", swapped);
    expect(status).toBe(201);
    expect((await stored(body.eventID))[0]).toMatchObject({ journey_id: journeyId, step: 2 });
    await api("POST", "/events", swapped);
    expect((await details(journeyId)).map((row) => [row.code, row.class, row.observed])).toEqual([
      ["identity-mismatch", "critical", unknown],
    ]);
    const adopted = await identifiersOf(oracle.database, journeyId);
    expect(adopted.map((row) => row.identifier)).toContain(bag);
    expect(adopted.map((row) => row.identifier)).not.toContain(companion);
  });

  it("stores an event of an unknown Chain of Identity as one of no journey when no EPC of it is known", async () => {
    const { status, body } = await api("POST", "/events", bareEvent({ epcList: [newBag()], "threadline:chainOfIdentity": newIdentity() }));
    expect(status).toBe(201);
    expect((await stored(body.eventID))[0]).toMatchObject({ journey_id: null, commitment: null });
  });

  it("gives an event captured before its journey was opened to the journey when it is sent again, once", async () => {
    const coi = newIdentity();
    const early = bareEvent({ epcList: [newBag()], "threadline:chainOfIdentity": coi, "threadline:step": "collect" });
    const { body } = await api("POST", "/events", early);
    expect((await stored(body.eventID))[0]).toMatchObject({ journey_id: null });
    const { journeyId } = await openJourney(oracle, { chainOfIdentity: coi });
    const before = await count("ledger_operations");
    for (let time = 0; time < 2; time += 1) expect((await api("POST", "/events", early)).status).toBeLessThan(300);
    const rows = await stored(body.eventID);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ journey_id: journeyId, step: 0, captured_by: apheresis.participantId });
    expect(rows[0]?.commitment).toMatch(/^0x[0-9a-f]{64}$/);
    expect(await count("ledger_operations")).toBe(before + 1);
  });

  it("flags material of another journey as a mix-up and does not adopt it", async () => {
    const [one, other] = [await openJourney(oracle), await openJourney(oracle)];
    const bag = newBag();
    await api(
      "POST",
      "/events",
      bareEvent({ epcList: [bag], "threadline:chainOfIdentity": one.coi, "threadline:step": "collect" }),
    );
    await api(
      "POST",
      "/events",
      bareEvent({ epcList: [bag], "threadline:chainOfIdentity": other.coi, "threadline:step": "collect" }),
    );
    expect((await details(other.journeyId)).map((row) => [row.code, row.class, row.observed])).toEqual([
      ["identity-mismatch", "critical", bag],
    ]);
    const owners = await oracle.database
      .selectFrom("journey_identifiers")
      .select("journey_id")
      .where("identifier_index", "=", identifierIndex(vaultOf(oracle.database), bag))
      .execute();
    expect(owners.map((row) => row.journey_id)).toEqual([one.journeyId]);
  });

  it("does not tie journeys together by a shipper both used, and asks when an event may mean either", async () => {
    const [one, other] = [await openJourney(oracle), await openJourney(oracle)];
    const shipper = "https://id.gs1.org/8003/09506000134376SHIP1";
    const bags = [newBag(), newBag()] as const;
    await api("POST", "/events", bareEvent({ epcList: [bags[0], shipper], "threadline:chainOfIdentity": one.coi }));
    await api("POST", "/events", bareEvent({ epcList: [bags[1], shipper], "threadline:chainOfIdentity": other.coi }));
    expect(
      await oracle.database
        .selectFrom("exception_details")
        .select("code")
        .where("journey_id", "=", other.journeyId)
        .execute(),
    ).toEqual([]);
    const both = await api("POST", "/events", bareEvent({ epcList: [...bags] }));
    expect(both.status).toBe(400);
    expect(both.body.detail).toContain("several journeys");
  });
});

describe("corrections", () => {
  it("records an error declaration beside the event, unplanned, once", async () => {
    const { coi, journeyId } = await openJourney(oracle);
    const eventID = "urn:uuid:55555555-5555-4555-8555-555555555555";
    const event = bareEvent({ eventID, "threadline:chainOfIdentity": coi, "threadline:step": "collect" });
    await api("POST", "/events", event);
    const declaration = {
      ...event,
      errorDeclaration: { declarationTime: "2026-03-02T12:00:00Z", reason: "incorrect_data" },
    };
    for (let times = 0; times < 2; times += 1) expect((await api("POST", "/events", declaration)).status).toBe(201);
    const rows = await stored(eventID);
    expect(rows.map((row) => [row.is_error_declaration, row.step, row.journey_id])).toEqual([
      [false, 0, journeyId],
      [true, 255, journeyId],
    ]);
    expect(rows[0]?.eventHash).toBe(rows[1]?.eventHash);
    expect(rows[0]?.commitment).not.toBe(rows[1]?.commitment);
    const { body } = await api("GET", `/events/${encodeURIComponent(eventID)}`);
    expect(body.epcisBody.queryResults.resultsBody.eventList).toHaveLength(2);
  });

  it("edits nothing: the same eventID with other content is refused", async () => {
    const eventID = "urn:uuid:66666666-6666-4666-8666-666666666666";
    const event = bareEvent({ eventID });
    await api("POST", "/events", event);
    const edited = await api("POST", "/events", { ...event, disposition: "active" });
    expect([edited.status, edited.body.type]).toEqual([409, "epcisException:ResourceAlreadyExistsException"]);
    expect(edited.body.detail).toContain("other content");
    const declared = await api("POST", "/events", {
      ...event,
      disposition: "active",
      errorDeclaration: { declarationTime: "2026-03-02T12:00:00Z" },
    });
    expect(declared.status).toBe(400);
    expect(declared.body.detail).toContain("does not repeat");
    const unknown = await api(
      "POST",
      "/events",
      bareEvent({ errorDeclaration: { declarationTime: "2026-03-02T12:00:00Z" } }),
    );
    expect(unknown.status).toBe(400);
  });

  it("lets only who captured an event declare it erroneous", async () => {
    const event = bareEvent();
    await api("POST", "/events", event);
    const stranger = await oracle.participant("logistics-provider");
    const declared = await stranger.api("POST", "/events", {
      ...event,
      errorDeclaration: { declarationTime: "2026-03-02T12:00:00Z" },
    });
    expect(declared.status).toBe(403);
    expect(declared.body.type).toBe("epcisException:SecurityException");
  });
});

describe("capture jobs", () => {
  it("shows a job to its participant only, and pages the list", async () => {
    const { headers } = await api("POST", "/capture", documentOf(objectEvent()));
    const location = present(headers.get("location"));
    const stranger = await oracle.participant("logistics-provider");
    expect((await stranger.api("GET", location)).status).toBe(404);
    expect((await stranger.api("GET", "/capture")).body).toEqual([]);
    const page = await api("GET", "/capture?perPage=1");
    expect(page.body).toHaveLength(1);
    const next = /<(.+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
    const second = await api("GET", present(next));
    expect(second.body).toHaveLength(1);
    expect(second.body[0].captureID).not.toBe(page.body[0].captureID);
  });

  it("answers OPTIONS with the versions and limits it has", async () => {
    const { status, headers } = await oracle.as(null)("OPTIONS", "/capture");
    expect(status).toBe(204);
    expect(headers.get("gs1-epcis-min")).toBe("2.0.0");
    expect(headers.get("gs1-epcis-capture-limit")).toBe("1000");
  });
});
