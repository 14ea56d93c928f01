import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDeviceSigningKey } from "../../../services/model/condition/index.ts";
import { messageKeyHash } from "../../../services/oracle/schemas/message-key.ts";
import { openJourney, present, startOracle } from "../support.ts";
import type { TestOracle } from "../support.ts";

let oracle: TestOracle;
let owner: Awaited<ReturnType<TestOracle["participant"]>>;
const assignments: string[] = [];

beforeAll(async () => {
  oracle = await startOracle(
    {},
    {
      assignmentChanged: (giai) => Promise.resolve(void assignments.push(giai)),
      deviceToken: (giai) => `token-of-${giai}`,
    },
  );
  owner = await oracle.participant("logistics-provider");
});
afterAll(() => oracle.close());

let loggers = 0;

async function enrolment(extra: Record<string, unknown> = {}) {
  loggers += 1;
  const key = createDeviceSigningKey(new Uint8Array(32).fill(loggers));
  return {
    giai: `9506000134LOG/${loggers}`,
    owner: owner.gln,
    publicKey: key.publicKey.map(String),
    messageKey: { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" },
    keyEpoch: 1,
    attestation: "device",
    calibratedFrom: "2026-01-01T00:00:00Z",
    calibratedUntil: "2027-01-01T00:00:00Z",
    ...extra,
  };
}

async function exceptionsOf(journeyId: string) {
  return (await oracle.operator("GET", `/journeys/${journeyId}/exceptions`)).body.exceptions as Record<
    string,
    unknown
  >[];
}

describe("devices", () => {
  it("enrols a logger with its calibration, once", async () => {
    const body = await enrolment();
    const { status, body: enrolled } = await oracle.operator("POST", "/devices", body);
    expect(status).toBe(201);
    const operations = await oracle.database
      .selectFrom("ledger_operations")
      .select(["kind", "payload"])
      .where("payload", "like", `%${enrolled.deviceId}%`)
      .orderBy("operation_number")
      .execute();
    expect(operations.map((operation) => operation.kind)).toEqual(["enrol-device", "calibrate-device"]);
    expect(JSON.parse(present(operations[0]).payload)).toMatchObject({
      attestation: 0,
      messageKeyHash: messageKeyHash(body.messageKey as never),
    });
    expect((await oracle.operator("POST", "/devices", body)).status).toBe(409);
    const { body: listed } = await oracle.operator("GET", "/devices");
    expect(listed.devices).toEqual([
      expect.objectContaining({
        giai: body.giai,
        ownerGln: owner.gln,
        calibratedUntil: "2027-01-01T00:00:00.000Z",
        revokedFrom: null,
      }),
    ]);
  });

  it("hashes a message key by its RFC 7638 thumbprint", () => {
    const hash = messageKeyHash({
      kty: "OKP",
      crv: "Ed25519",
      x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
      kid: "ignored",
    });
    // RFC 8037, appendix A.3.
    expect(Buffer.from(hash.slice(2), "hex").toString("base64url")).toBe("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  });

  it("refuses keys that are no key, private keys, and calibrations that end before they start", async () => {
    const point = ["0", "1"];
    for (const extra of [
      { publicKey: point },
      { publicKey: ["1", "2"] },
      { publicKey: ["21888242871839275222246405745257275088548364400416034343698204186575808495617", "1"] },
      { publicKey: ["-1", "1"] },
      { messageKey: { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", d: "secret" } },
      { messageKey: { kty: "RSA", n: "x", e: "AQAB" } },
      { calibratedUntil: "2025-01-01T00:00:00Z" },
      { calibratedFrom: "2026-01-01" },
    ])
      expect([extra, (await oracle.operator("POST", "/devices", await enrolment(extra))).status]).toEqual([extra, 400]);
    expect((await oracle.operator("POST", "/devices", await enrolment({ owner: "9506000134352" }))).status).toBe(404);
  });

  it("hands the broker password to the owner and the operator only", async () => {
    const { giai } = await enrolment();
    await oracle.operator("POST", "/devices", { ...(await enrolment()), giai });
    const path = `/devices/${encodeURIComponent(giai)}/broker-token`;
    expect((await owner.api("GET", path)).body).toEqual({ giai, token: `token-of-${giai}` });
    expect((await oracle.operator("GET", path)).status).toBe(200);
    const stranger = await oracle.participant("logistics-provider");
    expect((await stranger.api("GET", path)).status).toBe(404);
  });
});

describe("a leg's device", () => {
  it("is assigned by its owner, once, and the bridge is told", async () => {
    const { journeyId } = await openJourney(oracle);
    const { giai } = (await oracle.operator("POST", "/devices", await enrolment())).body;
    const request = { giai, assignedFrom: "2026-03-02T09:00:00Z" };
    const path = `/journeys/${journeyId}/legs/inbound/device`;
    const stranger = await oracle.participant("logistics-provider");
    expect((await stranger.api("POST", path, request)).status).toBe(403);
    expect(await owner.api("POST", path, request)).toMatchObject({
      status: 201,
      body: { leg: "inbound", giai, assignedFrom: "2026-03-02T09:00:00.000Z" },
    });
    expect(assignments).toContain(giai);
    expect(await owner.api("POST", path, request)).toMatchObject({ status: 409, body: { existing: { giai } } });
    expect((await owner.api("POST", `/journeys/${journeyId}/legs/outbound/device`, request)).status).toBe(404);
    expect((await owner.api("GET", `/journeys/${journeyId}`)).status).toBe(200);
    const { body } = await owner.api("GET", `/journeys/${journeyId}/proofs`);
    expect(body.legs).toEqual([
      expect.objectContaining({ leg: "inbound", device: giai, assignmentRecorded: false, coverage: null }),
    ]);
    expect(await exceptionsOf(journeyId)).toEqual([]);
  });

  it("stays assigned when the bridge cannot be told", async () => {
    const offline = await startOracle({}, { assignmentChanged: () => Promise.reject(new Error("the broker is away")) });
    try {
      const { gln } = await offline.participant("logistics-provider");
      const { giai } = (await offline.operator("POST", "/devices", await enrolment({ owner: gln }))).body;
      const { journeyId } = await openJourney(offline);
      const request = { giai, assignedFrom: "2026-03-02T09:00:00Z" };
      expect((await offline.operator("POST", `/journeys/${journeyId}/legs/inbound/device`, request)).status).toBe(201);
    } finally {
      await offline.close();
    }
  });

  it("raises device-not-enrolled for a stranger's logger and says so at once", async () => {
    const { journeyId } = await openJourney(oracle);
    const path = `/journeys/${journeyId}/legs/inbound/device`;
    for (let times = 0; times < 2; times += 1) {
      const { status, body } = await oracle.operator("POST", path, {
        giai: "9506000134UNKNOWN",
        assignedFrom: "2026-03-02T09:00:00Z",
      });
      expect(status).toBe(409);
      expect(body).toMatchObject({
        type: "urn:threadline:problem:device-not-enrolled",
        exception: { code: "device-not-enrolled", class: "major", leg: "inbound" },
      });
    }
    expect(await exceptionsOf(journeyId)).toEqual([
      expect.objectContaining({
        code: "device-not-enrolled",
        status: "pending",
        leg: "inbound",
        observed: "9506000134UNKNOWN",
      }),
    ]);
  });

  it("assigns a logger out of calibration all the same, and raises device-not-calibrated", async () => {
    const { journeyId } = await openJourney(oracle);
    const { giai } = (await oracle.operator("POST", "/devices", await enrolment())).body;
    const path = `/journeys/${journeyId}/legs/inbound/device`;
    const { status, body } = await oracle.operator("POST", path, { giai, assignedFrom: "2027-01-01T00:00:00Z" });
    expect([status, body.exception.code]).toEqual([201, "device-not-calibrated"]);
    expect(await exceptionsOf(journeyId)).toEqual([
      expect.objectContaining({ code: "device-not-calibrated", leg: "inbound", unit: "calibration interval" }),
    ]);
  });

  it("goes by a new calibration and by a revocation", async () => {
    const { giai } = (await oracle.operator("POST", "/devices", await enrolment())).body;
    const device = `/devices/${encodeURIComponent(giai)}`;
    const calibration = { calibratedFrom: "2026-12-01T00:00:00Z", calibratedUntil: "2028-01-01T00:00:00Z" };
    expect((await oracle.operator("POST", `${device}/calibrations`, calibration)).status).toBe(201);
    const { journeyId } = await openJourney(oracle);
    const first = await oracle.operator("POST", `/journeys/${journeyId}/legs/inbound/device`, {
      giai,
      assignedFrom: "2027-06-01T00:00:00Z",
    });
    expect([first.status, first.body.exception]).toEqual([201, undefined]);
    expect(
      (await oracle.operator("POST", `${device}/revocation`, { revokedFrom: "2027-07-01T00:00:00Z" })).status,
    ).toBe(201);
    const next = await openJourney(oracle);
    const second = await oracle.operator("POST", `/journeys/${next.journeyId}/legs/inbound/device`, {
      giai,
      assignedFrom: "2027-08-01T00:00:00Z",
    });
    expect([second.status, second.body.exception.code]).toEqual([409, "device-not-enrolled"]);
    expect(
      (await oracle.operator("POST", "/devices/9506000134NONE/revocation", { revokedFrom: "2027-07-01T00:00:00Z" }))
        .status,
    ).toBe(404);
  });
});
