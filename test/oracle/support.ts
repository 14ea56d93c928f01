import { pino } from "pino";
import { createKeyring } from "../../services/ledger/keyring.ts";
import type { LedgerClient } from "../../services/ledger/client.ts";
import { createPatientTranslator } from "../../services/patients/index.ts";
import { createNotifications } from "../../services/store/notifications.ts";
import { createOracle, newApiKey } from "../../services/oracle/index.ts";
import type { OracleConfiguration, OracleDependencies } from "../../services/oracle/index.ts";
import type { Role } from "../../services/model/custody/index.ts";
import { withCheckDigit } from "../../services/model/identity/index.ts";
import { openTestDatabase } from "../support/databases.ts";
import { createConformanceCheck } from "./conformance.ts";

export const EPCIS_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
export const CONTEXT = [EPCIS_CONTEXT, { threadline: "https://threadline.example/epcis/" }];

/** A ledger for tests that never reach it: touching it fails the test. */
const untouchedLedger = new Proxy({} as LedgerClient, {
  get(_target, property) {
    throw new Error(`this test was not to use the ledger (${String(property)})`);
  },
});

/** JSON of whatever shape: tests assert what is in it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

export interface Answered {
  status: number;
  headers: Headers;
  body: Json;
}

export type Api = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answered>;

/** An oracle on a database of its own, with its operator and ways to act as others. */
export async function startOracle(
  configuration: Partial<OracleConfiguration> = {},
  dependencies: Partial<OracleDependencies> = {},
) {
  const store = await openTestDatabase();
  const { database } = store;
  const operatorKey = newApiKey();
  const notifications = createNotifications();
  const woken = { count: 0 };
  const log: string[] = [];
  const oracle = await createOracle(
    { port: 0, host: "127.0.0.1", operatorKey, ...configuration },
    {
      database,
      notifications,
      ledger: untouchedLedger,
      keyring: createKeyring(new Uint8Array(32).fill(7)),
      patients: createPatientTranslator({ secret: new Uint8Array(32).fill(7) }, { database }),
      logger: pino({ level: "error" }, { write: (line: string) => void log.push(line) }),
      health: () => Promise.resolve({ ok: true, parts: { database: { ok: true } } }),
      onOperation: () => void (woken.count += 1),
      ...dependencies,
    },
  );
  const document = await (await fetch(`${oracle.url}/openapi.json`)).json();
  const conforms = createConformanceCheck(document);
  const as =
    (key: string | null): Api =>
    async (method, path, body, headers = {}) => {
      const response = await fetch(new URL(path, oracle.url), {
        method,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const json = /json/.test(response.headers.get("content-type") ?? "");
      const answered = {
        status: response.status,
        headers: response.headers,
        body: json && text !== "" ? JSON.parse(text) : text,
      };
      conforms(method, path, answered);
      return answered;
    };
  const operator = as(operatorKey);
  let organisations = 0;
  async function participant(...roles: Role[]) {
    organisations += 1;
    const gln = withCheckDigit(`95060001${String(organisations).padStart(4, "0")}`);
    const answered = await operator("POST", "/participants", { gln, name: `Organisation ${organisations}`, roles });
    if (answered.status !== 201) throw new Error(JSON.stringify(answered.body));
    const { apiKey, participantId } = answered.body as { apiKey: string; participantId: string };
    return { gln, participantId, key: apiKey, api: as(apiKey) };
  }
  return {
    ...oracle,
    database,
    notifications,
    operator,
    operatorKey,
    as,
    participant,
    woken,
    log,
    async close() {
      await oracle.close();
      await store.close();
    },
  };
}

export type TestOracle = Awaited<ReturnType<typeof startOracle>>;

export const FLOW = {
  name: "car-t",
  version: 1,
  lateEntryToleranceSeconds: 86_400,
  handoverToleranceSeconds: 3_600,
  profiles: [
    {
      name: "fresh",
      minimumTemperatureCelsius: 2,
      maximumTemperatureCelsius: 8,
      temperatureBudgetSeconds: 0,
      tiltLimitDegrees: null,
      tiltBudgetSeconds: 0,
      longestGapSeconds: 300,
      longestDurationSeconds: 172_800,
    },
  ],
  steps: [
    { step: "collect", title: "Apheresis collected", roles: ["apheresis-centre"], custody: "take" },
    {
      step: "hand-over",
      title: "Handed to the courier",
      roles: ["apheresis-centre"],
      custody: "release",
      after: ["collect"],
    },
    {
      step: "accept",
      title: "Accepted by the courier",
      roles: ["logistics-provider"],
      custody: "accept",
      after: ["hand-over"],
    },
    {
      step: "receive",
      title: "Received",
      roles: ["manufacturing-site"],
      custody: "none",
      after: ["accept"],
      repeatable: true,
    },
  ],
  legs: [{ leg: "inbound", from: "hand-over", to: "accept", profile: "fresh" }],
  gates: [{ gate: "release", title: "Release for infusion", roles: ["qualified-person"], requiredSteps: ["collect"] }],
} as const;

/** A value that must be there. */
export function present<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error("a value that must be there is missing");
  return value;
}

let journeys = 0;

/** A Chain of Identity identifier nobody has used. */
export function newIdentity(): string {
  journeys += 1;
  return `CHG123426${String(journeys).padStart(6, "0")}`;
}

/** Registers the flow once, and opens a journey. */
export async function openJourney(
  oracle: TestOracle,
  extra: Record<string, unknown> = {},
): Promise<{ journeyId: string; coi: string }> {
  await oracle.operator("POST", "/flows", FLOW);
  const coi = newIdentity();
  const { status, body } = await oracle.operator("POST", "/journeys", {
    chainOfIdentity: coi,
    flow: { name: "car-t", version: 1 },
    ...extra,
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return { journeyId: (body as { journeyId: string }).journeyId, coi };
}

let bags = 0;

export function newBag(): string {
  bags += 1;
  return `https://id.gs1.org/01/09506000134352/21/BAG${bags}`;
}

export function objectEvent(extra: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: "ObjectEvent",
    eventTime: "2026-03-02T09:00:00.000Z",
    eventTimeZoneOffset: "+00:00",
    epcList: [newBag()],
    action: "OBSERVE",
    bizStep: "inspecting",
    ...extra,
  };
}

export function bareEvent(extra: Record<string, unknown> = {}): Record<string, unknown> {
  return { "@context": CONTEXT, ...objectEvent(extra) };
}

export function documentOf(...eventList: unknown[]): Record<string, unknown> {
  return {
    "@context": CONTEXT,
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2026-03-02T18:00:00.000Z",
    epcisBody: { eventList },
  };
}
