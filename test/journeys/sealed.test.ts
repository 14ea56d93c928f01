import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Kysely } from "kysely";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiClient } from "../../services/cli/api-client.ts";
import type { ApiClient } from "../../services/cli/api-client.ts";
import { readJourneyFolder } from "../../services/cli/journey/folder.ts";
import type { JourneyFolder } from "../../services/cli/journey/folder.ts";
import { playJourney } from "../../services/cli/journey/player.ts";
import { earliestTime } from "../../services/cli/journey/times.ts";
import { DEFAULT_TOPIC_ROOT, deviceTopics } from "../../services/device/topics.ts";
import { createNetwork } from "../../services/network/network.ts";
import type { Network } from "../../services/network/network.ts";
import { networkSettings } from "../../services/network/settings.ts";
import { createPatientTranslator } from "../../services/patients/index.ts";
import { createDatabase } from "../../services/store/database.ts";
import { eraseSubject } from "../../services/store/erasure/erase-subject.ts";
import { STORE_ERASERS } from "../../services/store/erasure/erasers.ts";
import type { Database } from "../../services/store/schema.ts";
import { everythingReadable } from "../support/attacker.ts";
import { bruteForce, knownSubject } from "../support/brute-force.ts";
import type { KnownSubject } from "../support/brute-force.ts";
import { present } from "../support/present.ts";
import { findingsOf, standsIn, storedColumns } from "../support/stored-texts.ts";
import type { Finding, StoredColumn } from "../support/stored-texts.ts";
import { projectRoot, temporaryHome } from "../support/threadline.ts";

/** Where a known text may stand in clear, and why. Whoever adds a line answers for it. */
const ALLOWED: readonly { table: string; column: string; secret: RegExp; why: string }[] = [
  { table: "participants", column: "name", secret: /^organisation/, why: "who signed is shown to whoever reads the journey; a member of the consortium is no patient" },
  { table: "persons", column: "name", secret: /^(person|organisation)/, why: "a signature is its signer's by name (21 CFR 11.50); staff, no patient" },
  {
    table: "telemetry_messages",
    column: "body",
    secret: /^reading/,
    why: "temperature and tilt of a device at a time, signed by it, with the journey's blinded id; no personal data, and evidence for as long as the journey is",
  },
];

const home = temporaryHome();
const folder = readJourneyFolder(join(projectRoot, "examples", "out-of-specification"));
const secrets = new Map<string, string>();
let secret: Buffer;
let columns: StoredColumn[];
let journeyId: string;

async function opened<Value>(work: (database: Kysely<Database>) => Promise<Value>): Promise<Value> {
  const store = await createDatabase({ directory: join(home, "database"), secret });
  return work(store.database).finally(() => store.close());
}

beforeAll(async () => {
  const free = { THREADLINE_HTTP_PORT: "0", THREADLINE_MQTT_PORT: "0", THREADLINE_RPC_PORT: "0" };
  const settings = {
    ...networkSettings({ THREADLINE_LOG_LEVEL: "error", ...process.env, ...free, THREADLINE_HOME: home }, projectRoot),
    chainStartSeconds: earliestTime(folder) - 7_200,
    webhookPrivateTargets: true,
    auditAnchorSeconds: 3_600,
  };
  const network = await createNetwork(settings);
  try {
    const played = await playJourney(folder, network, () => undefined);
    const { keys } = played;
    journeyId = played.journeyId;
    await moreOfEverything(network, journeyId, (id) => createApiClient(network.httpUrl, present(keys.get(id))));
  } finally {
    await network.close();
  }
  collect(folder);
  secret = Buffer.from((JSON.parse(readFileSync(join(home, "secrets.json"), "utf8")) as { nodeSecret: string }).nodeSecret, "hex");
  columns = await opened((database) => storedColumns(database));
}, 600_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What the played journey does not come by: labels, an identifier without journey, refused captures and messages, a webhook. */
async function moreOfEverything(network: Network, journeyId: string, as: (id: string) => ApiClient): Promise<void> {
  const [hospital, maker] = [as("hospital"), as("manufacturer")];
  const say = (name: string, value: string) => {
    secrets.set(name, value);
    return value;
  };
  await hospital.must(hospital.post("/webhooks", { url: "http://127.0.0.1:9/nobody-listens" }));
  const issued = await hospital.must(hospital.post<{ chainOfIdentity: string }>("/chain-of-identity-identifiers", { facility: "A9999", year: 2026, sequence: "7Q4ZK2" }));
  say("issued identifier", issued.chainOfIdentity);
  const label = {
    container: "(01)09506000134352(21)APH0001",
    productName: say("label's product", "Apheresis product of the inventory"),
    lot: say("label's lot", "LOT-INV-77"),
    storageProfile: present(folder.flow.profiles[0]).name,
    statements: [],
  };
  const print = (more: object = {}) => maker.must(maker.post<{ label: { labelId: string } }>(`/journeys/${journeyId}/labels`, { ...label, ...more }));
  await print();
  const { label: second } = await print({ reason: say("reason of a reprint", "The first print was smeared by the ribbon.") });
  await maker.must(maker.post(`/journeys/${journeyId}/labels/${second.labelId}/void`, { reason: say("reason of a voided label", "Torn while it was applied.") }));
  expect((await maker.post(`/journeys/${journeyId}/labels/reconciliation`, { applied: [], destroyed: [] })).status).toBe(409);
  expect((await maker.post("/scans", { raw: `&/${say("identity scanned by mistake", "CHA999926WR0NG1")}`, journeyId })).status).toBe(409);
  const document = JSON.parse(present([...folder.documents.values()][0])) as { epcisBody: { eventList: object[] } };
  const [first] = document.epcisBody.eventList;
  document.epcisBody.eventList = [{ ...first, bizStep: "inspecting", "threadline:note": say("text of a refused event", "an event of other content") }];
  await hospital.post("/capture", document);
  document.epcisBody.eventList = [
    { type: "ObjectEvent", eventTime: "2026-03-02T09:00:00.000Z", eventTimeZoneOffset: "+00:00", action: "OBSERVE", bizStep: "inspecting", epcList: [say("EPC of no journey", "https://id.gs1.org/01/09506000134352/21/STRAYBAG1")], "threadline:chainOfIdentity": say("identity of no journey", "CHA999926STRAY7") },
  ];
  expect((await hospital.post("/capture", document)).status).toBe(202);
  const [device] = folder.description.devices;
  const { giai } = present(device);
  const client = await connectAsync(network.mqttUrl, { username: giai, password: network.deviceToken(giai), clientId: giai });
  const owner = present(folder.description.participants.find(({ id }) => id === device?.owner));
  await client.publishAsync(deviceTopics(DEFAULT_TOPIC_ROOT, owner.gln, giai).readings, say("a message nobody can read", "no message at all, of CHA999926000001"), { qos: 1 });
  await client.endAsync();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
}

/** Everything the folder says of the patient, the material, the batch and the decisions. */
function collect({ description, documents, readings, results }: JourneyFolder): void {
  secrets.set("Chain of Identity", description.coi);
  secrets.set("Chain of Identity without its prefix", description.coi.slice(2));
  secrets.set("patient's number", present(description.patient).value);
  const bodies = description.steps.flatMap((step) => ("request" in step ? [step.body] : []));
  for (const body of bodies) collectTexts("request", body);
  for (const [file, text] of documents) collectTexts(file, (JSON.parse(text) as { epcisBody: { eventList: unknown } }).epcisBody.eventList);
  for (const { name, persons } of description.participants) {
    secrets.set(`organisation ${name}`, name);
    for (const person of persons) secrets.set(`person ${person.name}`, person.name);
  }
  for (const step of description.steps)
    if ("leg" in step) {
      const [reading] = present(readings.get(step.readings));
      secrets.set(`reading of ${step.leg}`, `"temperatureCelsius":${present(reading).temperatureCelsius}`);
    }
  for (const { results: tests } of results.values())
    for (const test of tests) if ("value" in test && test.value !== undefined && test.value.length > 3) secrets.set(`result of ${test.test}`, test.value);
  for (const [file, text] of documents)
    for (const event of (JSON.parse(text) as { epcisBody: { eventList: { eventID?: string }[] } }).epcisBody.eventList)
      if (event.eventID !== undefined) secrets.set(`eventID in ${file}`, event.eventID);
}

/** Members whose texts are somebody's own words or numbers; the words of vocabularies say nothing of anybody. */
const TELLING = /^(reason|lot|batch|entryId|clearedBy|verifiedBy|performer|signer|epcList|inputEPCList|outputEPCList|childEPCs|parentID|transformationID|lotNumber|.*note|.*chainOfIdentity)$/i;

function collectTexts(place: string, value: unknown, name = ""): void {
  if (typeof value === "string" && TELLING.test(name) && value.length > 4 && !/8003|8004/.test(value)) secrets.set(`${name} ${value}`, value);
  if (Array.isArray(value)) for (const member of value) collectTexts(place, member, name);
  else if (typeof value === "object" && value !== null) for (const [key, member] of Object.entries(value)) collectTexts(place, member, key);
}

it("finds what is in clear, however it is written", () => {
  const text = 'x {"reason":"Torn while it was applied."} y';
  const column = (written: string) => [{ table: "t", column: "c", text: written }];
  const known = new Map([["reason", "Torn while it was applied."]]);
  for (const written of [text, Buffer.from(text).toString("hex"), ...["", "a", "ab"].map((prefix) => Buffer.from(prefix + text).toString("base64url"))])
    expect(findingsOf(column(written), known).map(({ secret }) => secret), written).toContain("reason");
  expect(findingsOf(column("nothing"), known)).toEqual([]);
});

it("has no known text of a journey in clear in any column of the database", () => {
  expect(secrets.size).toBeGreaterThan(40);
  const filled = columns.filter(({ text }) => text.replaceAll("\n", "") !== "");
  for (const table of ["labels", "batch_record_entries", "batch_results", "genealogy_edges", "exception_reasons", "disposition_reasons", "issued_identifiers", "capture_jobs", "dead_letters", "webhook_deliveries", "patient_identifiers", "ledger_operations", "chain_dispositions"])
    expect(filled.some((column) => column.table === table), `${table} is empty: it proves nothing`).toBe(true);
  const all = findingsOf(columns, secrets);
  const covers = (line: (typeof ALLOWED)[number]) => ({ table, column, secret }: Finding) => line.table === table && line.column === column && line.secret.test(secret);
  const found = all.filter((finding) => !ALLOWED.some((line) => covers(line)(finding)));
  expect(ALLOWED.filter((line) => !all.some(covers(line))), "allowed and no longer there").toEqual([]);
  expect(found.map(({ table, column, secret, as }) => `${table}.${column}: ${secret} (${as})`)).toEqual([]);
});

describe("erasure of the whole journey", () => {
  const ALL_KNOWN = ["certificate", "reason", "detail", "event's day", "journey", "identity", "container", "a salt"];
  const AFTER_RETENTION = Date.parse("2060-01-01T00:00:00Z");
  let known: KnownSubject;

  const erase = (nowMilliseconds: number) =>
    opened((database) => {
      const erasers = [createPatientTranslator({ secret }, { database }).subjectEraser, ...STORE_ERASERS];
      return eraseSubject(database, erasers, { subject: folder.description.coi, reason: "request of the person concerned", batchExpiry: "2027-03-31" }, nowMilliseconds);
    });
  const attacked = async () => {
    const dump = await opened((database) => storedColumns(database));
    const readable = everythingReadable(dump, secret);
    return { discoveries: bruteForce(known, dump, secret), read: [...secrets].filter(([, value]) => standsIn(readable, value)).map(([name]) => name) };
  };
  /** What is not of this subject, or not of any patient. */
  const OTHERS = /^(issued identifier|identity of no journey|EPC of no journey|organisation|person)/;

  it("is needed: with the node's secret everything is read, and every commitment and index is found by trying", async () => {
    known = await opened((database) => knownSubject(database, journeyId));
    const { discoveries, read } = await attacked();
    expect(discoveries).toEqual(ALL_KNOWN);
    expect(read).toEqual(expect.arrayContaining(["Chain of Identity", "patient's number", "result of viabilityPercent", "reason of a reprint"]));
  });

  it.each([1, 4, 8])("killed after %i parts has erased nothing", async (parts) => {
    const before = await opened((database) => storedColumns(database));
    const script = join(projectRoot, "test", "support", "erasing-process.ts");
    const child = spawn(process.execPath, ["--experimental-strip-types", "--disable-warning=ExperimentalWarning", script, join(home, "database"), secret.toString("hex"), journeyId, `${parts}`], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "close");
    expect(await opened((database) => storedColumns(database))).toEqual(before);
  });

  it("leaves of it what traceability needs, and tells so part by part", async () => {
    const { erased, kept } = present(await erase(Date.parse("2026-06-01T00:00:00Z")));
    const counts = new Map(erased.map(({ what, count }) => [what, count]));
    for (const [what, count] of [
      ["events with their texts, contexts and salts", 25],
      ["labels with their containers and reasons", 2],
      ["batch record entries", 21],
      ["laboratory results, their certificates and the salts of their commitments", 1],
      ["refused telemetry that names the subject", 1],
    ] as const)
      expect(counts.get(what), what).toBe(count);
    expect(counts.get("reasons of exceptions and dispositions, with their salts")).toBeGreaterThanOrEqual(10);
    expect(kept?.until).toBe("2057-03-31");
    expect(kept?.parts.map(({ what }) => what)).toEqual([
      expect.stringContaining("patient's records"),
      expect.stringContaining("batch"),
      expect.stringContaining("genealogy"),
      expect.stringContaining("Chain of Identity"),
    ]);
    const { discoveries, read } = await attacked();
    expect(discoveries).toEqual(["journey", "identity", "container", "a salt"]);
    expect(read.filter((name) => /reason|result|entryId|eventID|performer|note|label/.test(name))).toEqual([]);
    expect(read).toEqual(expect.arrayContaining(["Chain of Identity", "patient's number"]));
  });

  it("leaves nothing once its time is over: not with the dump, the node's secret and every value tried", async () => {
    const { kept } = present(await erase(AFTER_RETENTION));
    expect(kept).toBeNull();
    const { discoveries, read } = await attacked();
    expect(discoveries).toEqual([]);
    expect(read.filter((name) => !OTHERS.test(name) && !/^reading/.test(name))).toEqual([]);
    expect(await erase(AFTER_RETENTION)).toBeNull();
  });
});
