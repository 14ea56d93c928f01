import { CompactSign, SignJWT, importJWK } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDeviceKeys } from "../../services/device/index.ts";
import type { TelemetryBridge } from "../../services/telemetry/index.ts";
import { BRIDGE_USER, GIAI, LEDGER, OTHER_GIAI, OWNER_GLN, START, TOPIC_ROOT, createEdge, openSharedDatabase, publish, readingsPayload, until } from "./support/edge.ts";
import type { OpenDatabase } from "../../services/store/database.ts";
import type { Edge } from "./support/edge.ts";
import { signSegment, segmentContext } from "../../services/model/condition/index.ts";
import { segmentToWire } from "../../services/device/messages.ts";

let shared: OpenDatabase;
let edge: Edge;
let bridge: TelemetryBridge;
let publisher: Awaited<ReturnType<Edge["client"]>>;

beforeAll(async () => {
  shared = await openSharedDatabase();
  edge = await createEdge(shared);
  bridge = await edge.bridge();
  publisher = await edge.client(BRIDGE_USER.username, BRIDGE_USER.password);
});
afterAll(async () => {
  await edge.close();
  await shared.close();
});
beforeEach(async () => {
  for (const table of ["dead_letters", "exception_details", "ledger_operations", "telemetry_messages"] as const) await edge.database.deleteFrom(table).execute();
});

/** Sends a payload and gives back the dead letter it becomes. */
async function refused(payload: string | Buffer, options: { leaf?: "readings" | "segments"; topic?: string; giai?: string } = {}) {
  const { receipts } = bridge.counters();
  if (options.topic === undefined) await publish(publisher, options.leaf ?? "readings", payload, options.giai);
  else await publisher.publishAsync(options.topic, payload, { qos: 1 });
  await until(async () => (await edge.deadLetters()).length === 1);
  expect(bridge.counters().receipts).toBe(receipts);
  expect(await edge.database.selectFrom("telemetry_messages").selectAll().execute()).toEqual([]);
  const [letter] = await edge.deadLetters();
  return letter;
}

const codes = async () => (await edge.exceptions()).map(({ code, leg }) => ({ code, leg }));
const forged = [{ code: "signature-invalid", leg: 0 }];

describe("refused messages become dead letters with their reason", () => {
  it("without a signature, and flags it on the leg and for the ledger", async () => {
    expect(await refused(JSON.stringify(readingsPayload(1)))).toMatchObject({ reason: "signature-missing", payload: JSON.stringify(readingsPayload(1)) });
    expect(await codes()).toEqual(forged);
    const operations = await edge.database.selectFrom("ledger_operations").select(["kind", "payload"]).execute();
    expect(operations).toHaveLength(1);
    expect(operations[0]?.kind).toBe("raise-exception");
    expect(JSON.parse(operations[0]?.payload ?? "")).toMatchObject({ journeyId: edge.journeyId, code: "signature-invalid", leg: 0 });
  });

  it("signed by another key", async () => {
    expect(await refused(await edge.sign(readingsPayload(1), createDeviceKeys(new Uint8Array(32).fill(9))))).toMatchObject({ reason: "signature-invalid" });
    expect(await codes()).toEqual(forged);
  });

  it("altered after it was signed", async () => {
    const [header, , signature] = (await edge.sign(readingsPayload(1))).split(".");
    const altered = Buffer.from(JSON.stringify(readingsPayload(2))).toString("base64url");
    expect(await refused(`${header}.${altered}.${signature}`)).toMatchObject({ reason: "signature-invalid" });
  });

  it("with alg none, or the public key used as an HMAC secret", async () => {
    const header = Buffer.from(JSON.stringify({ alg: "none", kid: `${GIAI}#1` })).toString("base64url");
    const payload = Buffer.from(JSON.stringify(readingsPayload(1))).toString("base64url");
    expect(await refused(`${header}.${payload}.AA`)).toMatchObject({ reason: "algorithm-refused" });
    await edge.database.deleteFrom("dead_letters").execute();
    const secret = new TextEncoder().encode(JSON.stringify(edge.keys.messageKey.publicJwk));
    const confused = await new SignJWT(readingsPayload(1)).setProtectedHeader({ alg: "HS256", kid: `${GIAI}#1` }).sign(secret);
    expect(await refused(confused)).toMatchObject({ reason: "algorithm-refused" });
    await edge.database.deleteFrom("dead_letters").execute();
    const other = createDeviceKeys(new Uint8Array(32).fill(9), "ES256");
    expect(await refused(await edge.sign(readingsPayload(1), other))).toMatchObject({ reason: "algorithm-refused" });
  });

  it("with another key id, or a header that brings its own key", async () => {
    const key = await importJWK(edge.keys.messageKey.privateJwk, "EdDSA");
    const sign = (header: { alg: string; [member: string]: unknown }) =>
      new CompactSign(new TextEncoder().encode(JSON.stringify(readingsPayload(1)))).setProtectedHeader(header).sign(key);
    expect(await refused(await sign({ alg: "EdDSA", kid: `${GIAI}#2` }))).toMatchObject({ reason: "key-mismatch" });
    await edge.database.deleteFrom("dead_letters").execute();
    const withKey = await sign({ alg: "EdDSA", kid: `${GIAI}#1`, jwk: edge.keys.messageKey.publicJwk });
    expect(await refused(withKey)).toMatchObject({ reason: "header-invalid" });
  });

  it("of a device nobody enrolled: no exception without a leg, one with", async () => {
    const message = await edge.sign(readingsPayload(1, { giai: OTHER_GIAI }));
    expect(await refused(message, { giai: OTHER_GIAI })).toMatchObject({ reason: "device-not-enrolled" });
    expect(await codes()).toEqual([]);
    await edge.database.deleteFrom("dead_letters").execute();
    await edge.database.updateTable("leg_assignments").set({ giai: OTHER_GIAI }).execute();
    await refused(message, { giai: OTHER_GIAI });
    await edge.database.updateTable("leg_assignments").set({ giai: GIAI }).execute();
    expect(await codes()).toEqual([{ code: "device-not-enrolled", leg: 0 }]);
  });

  it("on another topic than its own", async () => {
    const message = await edge.sign(readingsPayload(1));
    expect(await refused(message, { topic: `${TOPIC_ROOT}/4012345000009/${GIAI}/readings` })).toMatchObject({ reason: "topic-mismatch" });
    await edge.database.deleteFrom("dead_letters").execute();
    expect(await refused(message, { leaf: "segments" })).toMatchObject({ reason: "topic-mismatch" });
    await edge.database.deleteFrom("dead_letters").execute();
    expect(await refused(await edge.sign(readingsPayload(1, { giai: OTHER_GIAI })))).toMatchObject({ reason: "topic-mismatch" });
    await edge.database.deleteFrom("dead_letters").execute();
    expect(await refused(message, { topic: `${TOPIC_ROOT}/${OWNER_GLN}/%00/readings` })).toMatchObject({ reason: "topic-invalid" });
    expect(await codes()).toEqual([]);
  });

  it("too large, cut and with its length noted", async () => {
    const letter = await refused("a".repeat(300_000));
    expect(letter?.reason).toBe("payload-too-large");
    expect(letter?.payload).toBe(`${"a".repeat(65_536)} [cut: 300000 bytes]`);
  });

  it("not UTF-8, kept as base64", async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80]);
    expect(await refused(bytes)).toMatchObject({ reason: "payload-not-utf8", payload: `base64:${bytes.toString("base64")}` });
  });

  const time = new Date(START * 1000).toISOString();
  const reading = (fields: string) => `{"type":"readings","giai":"${GIAI}","keyEpoch":1,"sequence":1,"readings":[{"time":"${time}",${fields}}]}`;
  const malformed: Record<string, string> = {
    "a number JSON makes infinite": reading(`"temperatureCelsius":1e400,"tiltDegrees":3`),
    "NaN, which is no JSON": reading(`"temperatureCelsius":NaN,"tiltDegrees":3`),
    "a number as text": reading(`"temperatureCelsius":"5","tiltDegrees":3`),
    "a missing temperature": reading(`"tiltDegrees":3`),
    "a temperature below absolute zero": reading(`"temperatureCelsius":-300,"tiltDegrees":3`),
    "a member nobody knows": reading(`"temperatureCelsius":5,"tiltDegrees":3,"humidity":1`),
    "__proto__": reading(`"temperatureCelsius":5,"tiltDegrees":3,"__proto__":{"polluted":true}`),
    "__proto__ behind an escape": reading(`"temperatureCelsius":5,"tiltDegrees":3,"\\u005f_proto__":{"polluted":true}`),
    "no readings": JSON.stringify(readingsPayload(1, { readings: [] })),
    "sequence 0": JSON.stringify(readingsPayload(0)),
    "a broken sequence": JSON.stringify(readingsPayload(1.5)),
    "too many readings": JSON.stringify(readingsPayload(1, { readings: Array.from({ length: 1_001 }, () => ({ time, temperatureCelsius: 5, tiltDegrees: 3 })) })),
    "a deep nest": JSON.stringify(readingsPayload(1, { readings: JSON.parse(`${"[".repeat(500)}${"]".repeat(500)}`) as unknown })),
  };
  it.each(Object.entries(malformed))("signed, but with %s", async (_name, payload) => {
    const key = await importJWK(edge.keys.messageKey.privateJwk, "EdDSA");
    const message = await new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader({ alg: "EdDSA", kid: `${GIAI}#1` }).sign(key);
    expect(await refused(message)).toMatchObject({ reason: "payload-invalid" });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("with a sequence number used before for other content, and flags it", async () => {
    const first = await edge.sign(readingsPayload(1));
    await publish(publisher, "readings", first);
    await until(async () => (await edge.database.selectFrom("telemetry_messages").selectAll().execute()).length === 1);
    await publish(publisher, "readings", await edge.sign(readingsPayload(1, { readings: [{ time, temperatureCelsius: 6, tiltDegrees: 3 }] })));
    await until(async () => (await edge.deadLetters()).length === 1);
    expect((await edge.deadLetters())[0]).toMatchObject({ reason: "sequence-conflict" });
    expect(await codes()).toEqual(forged);
    const [row] = await edge.database.selectFrom("telemetry_messages").select("body").execute();
    expect(row?.body).toBe(first);
  });

  describe("segments", () => {
    const segmentPayload = (fields: Record<string, unknown> = {}) => {
      const context = segmentContext({ chainId: LEDGER.chainId, contract: LEDGER.conditionProofsAddress, journeyId: edge.journeyId, leg: 0 });
      const segment = { context, fromTick: START, readings: [{ temperatureCentikelvin: 27_815, tiltDegrees: 3, stepTicks: 0 }], salt: 1n };
      return { type: "segment", giai: GIAI, keyEpoch: 1, sequence: 1, journeyId: edge.journeyId, leg: 0, ...segmentToWire(segment, signSegment(segment, edge.keys.signingKey)), ...fields };
    };

    it("of a leg the device is not on", async () => {
      expect(await refused(await edge.sign(segmentPayload({ leg: 1 })), { leaf: "segments" })).toMatchObject({ reason: "not-assigned" });
    });

    it("with more readings than a proof covers", async () => {
      const readings = Array.from({ length: 1_000 }, () => [27_815, 3, 1]);
      expect(await refused(await edge.sign(segmentPayload({ readings })), { leaf: "segments" })).toMatchObject({ reason: "payload-invalid" });
    });

    it("with a salt of more than 248 bits", async () => {
      expect(await refused(await edge.sign(segmentPayload({ salt: (2n ** 250n).toString() })), { leaf: "segments" })).toMatchObject({ reason: "segment-invalid" });
    });
  });
});
