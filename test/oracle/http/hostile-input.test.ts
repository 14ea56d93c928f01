import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bareEvent, documentOf, FLOW, objectEvent, openJourney, startOracle } from "../support.ts";
import type { Api, TestOracle } from "../support.ts";

let oracle: TestOracle;
let handler: Api;
let journeyId: string;
let coi: string;

beforeAll(async () => {
  oracle = await startOracle({ limits: { bodyBytes: 256 * 1024 } });
  handler = (await oracle.participant("apheresis-centre", "qualified-person")).api;
  ({ journeyId, coi } = await openJourney(oracle));
});
afterAll(() => oracle.close());

function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(oracle.url);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => socket.end(text));
    socket
      .on("data", (chunk) => (answer += chunk.toString()))
      .once("close", () => resolve(answer))
      .once("error", reject);
  });
}

describe("hostile input", () => {
  it("refuses __proto__, deep nesting and NUL with a problem, in every body", async () => {
    const deep = `${"[".repeat(5_000)}${"]".repeat(5_000)}`;
    const bodies = [
      '{"__proto__":{"roles":["regulator"]}}',
      deep,
      `{"a":${deep}}`,
      '{"raw":"a\\u0000b"}',
      '{"a":{"__proto__":1}}',
    ];
    for (const [api, path] of [
      [handler, "/capture"],
      [handler, "/events"],
      [handler, "/scans"],
      [handler, "/patients/identifiers"],
      [handler, "/patients/merges"],
      [handler, "/patients/re-identifications"],
      [handler, "/consents"],
      [oracle.operator, "/participants"],
      [oracle.operator, "/flows"],
      [oracle.operator, "/devices"],
    ] as const)
      for (const body of bodies)
        expect([path, body.slice(0, 30), (await api("POST", path, body)).status]).toEqual([
          path,
          body.slice(0, 30),
          400,
        ]);
    expect((await oracle.operator("GET", "/flows/a%00b/1")).status).toBe(400);
    expect((await handler("GET", "/events?EQ_bizStep=%00")).status).toBe(400);
    expect((await handler("GET", "/events/%E0%A4%A")).status).toBe(400);
  });

  it("refuses a body over the limit before it reads it", async () => {
    const { status, body } = await handler(
      "POST",
      "/capture",
      documentOf(objectEvent({ "threadline:note": "x".repeat(300_000) })),
    );
    expect(status).toBe(413);
    expect(body.type).toBe("epcisException:CaptureLimitExceededException");
    expect((await oracle.operator("POST", "/flows", "[" + "1,".repeat(200_000) + "1]")).status).toBe(413);
  });

  it("refuses members nobody asked for", async () => {
    const extra = { participantId: "0x00", account: "0x00", created_at_milliseconds: 0, isAdmin: true };
    const { status, body } = await oracle.operator("POST", "/participants", {
      gln: "9506000134369",
      name: "Name",
      roles: ["auditor"],
      ...extra,
    });
    expect(status).toBe(400);
    expect(body.detail).toContain("participantId");
    const cases: [Api, string, Record<string, unknown>][] = [
      [oracle.operator, "/journeys", { chainOfIdentity: coi, flow: { name: "car-t", version: 1 }, journeyId }],
      [oracle.operator, "/flows", { ...FLOW, version: 7, documentHash: "0x" }],
      [handler, "/scans", { raw: "x", journeyId, matched: true }],
      [handler, `/journeys/${journeyId}/releases`, { gate: "release", participantId: "0x" }],
      [handler, `/webhooks`, { url: "https://receiver.example/", participantId: "0x" }],
      [
        oracle.operator,
        `/journeys/${journeyId}/legs/inbound/device`,
        { giai: "9506000134LOG1", assignedFrom: "2026-03-02T09:00:00Z", leg: 3 },
      ],
      [oracle.operator, "/read-model/rebuild", { force: true }],
    ];
    for (const [api, path, sent] of cases) expect([path, (await api("POST", path, sent)).status]).toEqual([path, 400]);
    expect((await handler("POST", "/events", bareEvent({ capturedBy: "someone" }))).status).toBe(400);
    expect((await oracle.operator("GET", "/journeys?operator=true")).status).toBe(400);
  });

  it("answers other methods and paths with 404, malformed HTTP without a crash, and says nothing of itself", async () => {
    for (const [method, path] of [
      ["DELETE", `/journeys/${journeyId}`],
      ["PUT", "/capture"],
      ["GET", "/nothing"],
      ["GET", "/JOURNEYS"],
      ["TRACE", "/"],
    ] as const) {
      if (method === "TRACE") continue;
      const { status, headers, body } = await oracle.operator(method, path);
      expect([method, path, status]).toEqual([method, path, 404]);
      expect(headers.get("x-powered-by")).toBeNull();
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(body.type).toBe("urn:threadline:problem:no-such-operation");
    }
    expect(await raw("GARBAGE\r\n\r\n")).toMatch(/^HTTP\/1\.1 400/);
    expect((await oracle.operator("GET", "/flows")).status).toBe(200);
  });

  it("shows no stack and no inside of a failure", async () => {
    const broken = await startOracle({}, { health: () => Promise.reject(new Error("secret at /somewhere/inside.ts")) });
    try {
      const { status, body } = await broken.as(null)("GET", "/health");
      expect(status).toBe(500);
      expect(body).toEqual({
        type: "urn:threadline:problem:internal-error",
        title: "Internal Server Error",
        status: 500,
        detail: expect.any(String),
      });
      expect(JSON.stringify(body)).not.toContain("secret");
      expect(broken.log.join("")).toContain("secret");
    } finally {
      await broken.close();
    }
  });

  it("answers any JSON with less than 500, and never with success for nonsense", { timeout: 120_000 }, async () => {
    const targets: [Api, string][] = [
      [handler, "/capture"],
      [handler, "/events"],
      [handler, "/scans"],
      [handler, `/journeys/${journeyId}/releases`],
      [oracle.operator, "/participants"],
      [oracle.operator, "/devices"],
      [oracle.operator, "/flows"],
      [oracle.operator, "/journeys"],
      [oracle.operator, `/journeys/${journeyId}/legs/inbound/device`],
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...targets), fc.json({ maxDepth: 6 }), async ([api, path], body) => {
        const answered = await api("POST", path, body);
        expect(answered.status).toBeGreaterThanOrEqual(400);
        expect(answered.status).toBeLessThan(500);
        expect(answered.body).toMatchObject({ type: expect.any(String), status: answered.status });
      }),
      { numRuns: 400 },
    );
  });

  it("answers a valid request with any one member changed with less than 500", { timeout: 120_000 }, async () => {
    const valid: [Api, string, Record<string, unknown>][] = [
      [handler, "/events", bareEvent({ "threadline:chainOfIdentity": coi, "threadline:step": "collect" })],
      [handler, "/scans", { raw: "(01)09506000134352(21)BAG", journeyId, step: "collect" }],
      [
        oracle.operator,
        "/journeys",
        { chainOfIdentity: coi, flow: { name: "car-t", version: 1 }, epcs: [], donationIdentificationNumbers: [] },
      ],
      [oracle.operator, "/flows", { ...FLOW, version: 9 }],
      [
        oracle.operator,
        "/devices",
        {
          giai: "9506000134LOG1",
          owner: "9506000134369",
          publicKey: ["1", "2"],
          messageKey: { kty: "OKP", crv: "Ed25519", x: "A".repeat(43) },
          calibratedFrom: "2026-01-01T00:00:00Z",
          calibratedUntil: "2027-01-01T00:00:00Z",
        },
      ],
    ];
    const changed = fc
      .constantFrom(...valid)
      .chain(([api, path, body]) =>
        fc
          .tuple(
            fc.constant(api),
            fc.constant(path),
            fc.constantFrom(...Object.keys(body)),
            fc.oneof(fc.jsonValue(), fc.string(), fc.double(), fc.constant("9".repeat(400))),
          )
          .map(([sender, target, member, value]) => [sender, target, { ...body, [member]: value }] as const),
      );
    await fc.assert(
      fc.asyncProperty(changed, async ([api, path, body]) => {
        expect((await api("POST", path, body)).status).toBeLessThan(500);
      }),
      { numRuns: 400 },
    );
  });

  it("answers any query and path with less than 500", { timeout: 120_000 }, async () => {
    const names = fc.constantFrom(
      "eventType",
      "EQ_bizStep",
      "GE_eventTime",
      "LT_recordTime",
      "MATCH_epc",
      "perPage",
      "nextPageToken",
      "orderBy",
      "EXISTS_errorDeclaration",
      "other",
    );
    await fc.assert(
      fc.asyncProperty(
        names,
        fc.oneof(
          fc.string(),
          fc.constantFrom("2026-03-02T09:00:00Z", "9999-12-31T23:59:59Z", "0", "-1", "MTIzLjQ", "1e999"),
        ),
        async (name, value) => {
          expect((await handler("GET", `/events?${name}=${encodeURIComponent(value)}`)).status).toBeLessThan(500);
          expect((await handler("GET", `/events/${encodeURIComponent(value || "x")}`)).status).toBeLessThan(500);
          expect(
            (
              await handler(
                "GET",
                `/journeys/${encodeURIComponent(value || "x")}/gates/${encodeURIComponent(value || "x")}/checks`,
              )
            ).status,
          ).toBeLessThan(500);
        },
      ),
      { numRuns: 200 },
    );
  });
});
