import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openJourney, startOracle } from "../support.ts";
import type { Json, TestOracle } from "../support.ts";

let oracle: TestOracle;
let healthy = true;
beforeAll(async () => {
  oracle = await startOracle(
    {},
    {
      health: () => Promise.resolve({ ok: healthy, parts: { broker: { ok: healthy }, database: { ok: true } } }),
      readModel: {
        rebuild: () => Promise.resolve({ rows: 3, blockNumber: 7 }),
        digest: () => Promise.resolve({ store: "0x1", chain: "0x1", equal: true }),
      },
    },
  );
});
afterAll(() => oracle.close());

describe("health", () => {
  it("is 200 while every part works and 503 with the broken part otherwise", async () => {
    expect(await oracle.as(null)("GET", "/health")).toMatchObject({ status: 200, body: { ok: true } });
    healthy = false;
    const { status, body } = await oracle.as(null)("GET", "/health");
    healthy = true;
    expect([status, body.detail, body.parts.broker.ok]).toEqual([503, "not working: broker", false]);
  });
});

describe("metrics", () => {
  it("counts requests by operation and operations by status, without labels from clients", async () => {
    await oracle.operator("GET", "/journeys");
    await openJourney(oracle);
    const { body, headers } = await oracle.as(null)("GET", "/metrics");
    expect(headers.get("content-type")).toContain("text/plain");
    expect(body).toMatch(/threadline_http_request_duration_seconds_count\{operation="listJourneys",status="200"\} 1/);
    expect(body).toMatch(/threadline_ledger_operations\{status="pending"\} 2/);
    expect(body).not.toContain(oracle.operatorKey);
  });
});

describe("the API's description", () => {
  it("is OpenAPI 3.1 with every parameter of a path, references that resolve, and a security for what is not open", async () => {
    const { body } = await oracle.as(null)("GET", "/openapi.json");
    expect(body.openapi).toBe("3.1.0");
    expect(body.servers).toEqual([{ url: oracle.url }]);
    for (const [path, methods] of Object.entries(body.paths as Record<string, Record<string, Json>>))
      for (const operation of Object.values(methods)) {
        const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
        const described = operation.parameters
          .filter((parameter: Json) => parameter.in === "path")
          .map((parameter: Json) => parameter.name);
        expect([path, described.sort()]).toEqual([path, named.sort()]);
        expect(Object.keys(operation.responses).length).toBeGreaterThan(1);
        expect(operation.security.length === 0).toBe(operation.description === "Open to all.");
      }
    for (const [reference] of JSON.stringify(body).matchAll(/"#\/[^"]+"/g)) {
      const target = JSON.parse(reference)
        .slice(2)
        .split("/")
        .reduce((node: Json, key: string) => node?.[key], body);
      expect([reference, target]).not.toEqual([reference, undefined]);
    }
    const ids = Object.values(body.paths as Record<string, Record<string, Json>>).flatMap((methods) =>
      Object.values(methods).map((operation) => operation.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("has a readable page that loads nothing from outside", async () => {
    const anonymous = oracle.as(null);
    const { body, headers } = await anonymous("GET", "/docs");
    expect(headers.get("content-security-policy")).toContain("default-src 'self'");
    const files = [...String(body).matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => String(match[1]));
    expect(files).toHaveLength(4);
    for (const file of files) {
      expect(file).toMatch(/^\/docs\//);
      expect([file, (await anonymous("GET", file)).status]).toEqual([file, 200]);
    }
    for (const file of ["package.json", "..%2Fpackage.json", "index.html", "constructor", "__proto__"])
      expect((await anonymous("GET", `/docs/${file}`)).status).toBe(404);
  });
});

describe("the read model", () => {
  it("is rebuilt and digested for the operator", async () => {
    expect(await oracle.operator("POST", "/read-model/rebuild", {})).toMatchObject({
      status: 200,
      body: { rows: 3, blockNumber: 7 },
    });
    expect(await oracle.operator("GET", "/read-model/digest")).toMatchObject({ status: 200, body: { equal: true } });
  });
});
