import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newApiKey } from "../../../services/oracle/http/api-keys.ts";
import { createWrongKeyCount, networkOf } from "../../../services/oracle/http/wrong-keys.ts";
import { startOracle } from "../support.ts";
import type { TestOracle } from "../support.ts";

const LIMITS = { wrongKeys: 3, wrongKeyMilliseconds: 2_000, wrongKeyAddresses: 2 };
/** Of a client behind the one proxy this oracle trusts. */
const from = (address: string) => ({ "x-forwarded-for": address });

describe("wrong API keys over HTTP", () => {
  let oracle: TestOracle;
  beforeAll(async () => {
    oracle = await startOracle({ limits: { ...LIMITS, wrongKeyMilliseconds: 60_000, wrongKeyAddresses: 100 }, trustedProxies: 1 });
  });
  afterAll(() => oracle.close());

  const guess = (address: string, path = "/journeys") => oracle.as(newApiKey())("GET", path, undefined, from(address));

  it("are answered 429 with Retry-After after a few, from that address alone, and no key is looked up meanwhile", async () => {
    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await guess("192.0.2.1")).status);
    expect(statuses).toEqual([401, 401, 401]);
    const refused = await guess("192.0.2.1");
    expect(refused).toMatchObject({ status: 429, body: { type: "urn:threadline:problem:too-many-wrong-keys", status: 429, title: "Too Many Requests" } });
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    const seconds = Number(refused.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
    expect((await guess("192.0.2.2")).status).toBe(401);
    expect((await guess("192.0.2.1", "/capture")).body.type).toBe("epcisException:SecurityException");
    expect((await guess("192.0.2.1", "/fhir/R4/Specimen")).body.resourceType).toBe("OperationOutcome");
  });

  it("keep no familiar key of the same address from passing, but a right guess made while it waits", async () => {
    const familiar = await oracle.participant("qualified-person");
    const unseen = await oracle.participant("qualified-person");
    const asks = (apiKey: string) => oracle.as(apiKey)("GET", "/journeys", undefined, from("192.0.2.9"));
    expect((await asks(familiar.key)).status).toBe(200);
    for (let count = 0; count < 4; count += 1) await guess("192.0.2.9");
    expect((await asks(familiar.key)).status).toBe(200);
    expect((await asks(unseen.key)).status).toBe(429);
    expect((await oracle.as(null)("GET", "/journeys", undefined, from("192.0.2.9"))).status).toBe(401);
    expect((await oracle.as(null)("GET", "/health", undefined, from("192.0.2.9"))).status).toBe(200);
  });

  it("count malformed ones, and none that is missing", async () => {
    for (let count = 0; count < 5; count += 1) expect((await oracle.as(null)("GET", "/journeys", undefined, from("192.0.2.20"))).status).toBe(401);
    for (let count = 0; count < 3; count += 1) expect((await oracle.as("secret")("GET", "/journeys", undefined, from("192.0.2.20"))).status).toBe(401);
    expect((await oracle.as("secret")("GET", "/journeys", undefined, from("192.0.2.20"))).status).toBe(429);
  });
});

describe("without a trusted proxy", () => {
  it("nobody escapes by naming another address", async () => {
    const oracle = await startOracle({ limits: LIMITS });
    const statuses = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await oracle.as(newApiKey())("GET", "/journeys", undefined, from(`192.0.2.${count}`))).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    await oracle.close();
  });
});

describe("counting them", () => {
  it("begins anew when the window is over", () => {
    let now = 0;
    const count = createWrongKeyCount(LIMITS, () => now);
    for (let wrong = 0; wrong < 3; wrong += 1) count.add("192.0.2.1");
    now = 500;
    expect(count.waitSeconds("192.0.2.1")).toBe(2);
    now = 2_000;
    expect(count.waitSeconds("192.0.2.1")).toBeNull();
    count.add("192.0.2.1");
    expect(count.waitSeconds("192.0.2.1")).toBeNull();
  });

  it("forgets the address counted longest when there are too many", () => {
    const count = createWrongKeyCount(LIMITS, () => 0);
    for (const address of ["192.0.2.1", "192.0.2.2"]) for (let wrong = 0; wrong < 3; wrong += 1) count.add(address);
    count.add("192.0.2.3");
    expect(["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(count.waitSeconds)).toEqual([null, 2, null]);
  });

  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002::9", "2001:db8:1:2::/64"],
    ["2001:db8::9", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["", ""],
  ])("takes %s as %s", (address, network) => expect(networkOf(address)).toBe(network));
});
