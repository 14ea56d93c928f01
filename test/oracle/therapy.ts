import { createHash } from "node:crypto";
import { pino } from "pino";
import { createIndexer } from "../../services/ledger/indexer.ts";
import { createKeyring } from "../../services/ledger/keyring.ts";
import { createRelay } from "../../services/ledger/relay.ts";
import { createDeviceSigningKey } from "../../services/model/condition/index.ts";
import { archiveOf } from "../../services/network/archive.ts";
import { createNotifications } from "../../services/store/notifications.ts";
import type { Role } from "../../services/model/custody/index.ts";
import type { OracleConfiguration } from "../../services/oracle/index.ts";
import { DEVELOPMENT_KEYS } from "../support/anvil.ts";
import { KEYRING_SECRET, startLedgerNetwork } from "../support/ledger-network.ts";
import { bareEvent, FLOW, newBag, newIdentity, startOracle } from "./support.ts";
import type { Json, TestOracle } from "./support.ts";

export type Party = Awaited<ReturnType<TestOracle["participant"]>>;

/** A shipment as a courier knows it: the SSCC on its box. */
const SHIPMENT = "https://id.gs1.org/00/340123451111111125";
const PATIENT = { system: "urn:oid:2.16.840.1.113883.19.5", value: "MRN-7754321" };
const DONATION = "G123417654321";
const NOTE = "for Jane Example, born 1970-01-31";
const ORDER = "https://id.example.org/order/4711-0815";

/** One journey on a real ledger, played by an organisation of each duty that acts; and everything of it that names its patient. */
export async function playTherapy(configuration: Partial<OracleConfiguration> = {}) {
  const network = await startLedgerNetwork();
  const keyring = createKeyring(KEYRING_SECRET);
  const notifications = createNotifications();
  const logger = pino({ level: "silent" });
  const waking: { relay: { notify(): void } | null } = { relay: null };
  const oracle = await startOracle(configuration, {
    ledger: network.ledger,
    keyring,
    notifications,
    onOperation: () => waking.relay?.notify(),
    buildArchive: (journeyId, disclosure) => archiveOf({ rpcUrl: network.anvil.rpcUrl, addresses: network.addresses, journeyId, disclosure }),
  });
  const { database } = oracle;
  const indexer = createIndexer({ database, ledger: network.ledger, notifications, logger });
  const relay = createRelay({ database, ledger: network.ledger, signer: DEVELOPMENT_KEYS[1], keyring, logger, notifications, indexer });
  waking.relay = relay;
  await indexer.start();
  relay.start();
  const parties = {
    "treatment-centre": await oracle.participant("treatment-centre"),
    "apheresis-centre": await oracle.participant("apheresis-centre"),
    "manufacturing-site": await oracle.participant("manufacturing-site"),
    "logistics-provider": await oracle.participant("logistics-provider"),
    "testing-laboratory": await oracle.participant("testing-laboratory"),
  } as const;
  const must = async (answer: Promise<{ status: number; body: Json }>): Promise<Json> => {
    const { status, body } = await answer;
    if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  };

  const flow = { ...FLOW, name: "therapy", legs: [...FLOW.legs, { leg: "onward", from: "accept", to: "receive", profile: "fresh" }] };
  await must(oracle.operator("POST", "/flows", flow));
  const hospital = parties["treatment-centre"];
  const { pseudonym } = await must(hospital.api("POST", "/patients/identifiers", { identifier: PATIENT }));
  const [coi, bag, product, foreignCoi, foreignBag] = [newIdentity(), newBag(), newBag(), newIdentity(), newBag()];
  const open = (body: Record<string, unknown>) => must(hospital.api("POST", "/journeys", { flow: { name: "therapy", version: 1 }, ...body }));
  const { journeyId } = await open({ chainOfIdentity: coi, patient: PATIENT, donationIdentificationNumbers: [DONATION], epcs: [bag] });
  await open({ chainOfIdentity: foreignCoi, epcs: [foreignBag] });

  async function settled(): Promise<void> {
    for (;;) {
      const { body } = await oracle.operator("GET", `/journeys/${journeyId}`);
      if (body.refusedOperations.length > 0) throw new Error(JSON.stringify(body.refusedOperations));
      if (body.pendingOperations === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  let at = Date.now() - 600_000;
  async function capture(role: keyof typeof parties, step: string, event: Record<string, unknown>): Promise<string> {
    at += 60_000;
    const named = role === "logistics-provider" ? {} : { "threadline:chainOfIdentity": coi };
    const body = bareEvent({ eventTime: new Date(at).toISOString(), ...named, "threadline:step": step, ...event });
    const answered = await parties[role].api("POST", "/events", body);
    if (answered.status >= 300) throw new Error(JSON.stringify(answered.body));
    await settled();
    return String(answered.headers.get("location") ?? "");
  }
  const noted = { "threadline:note": NOTE, ilmd: { "threadline:patient": PATIENT.value } };
  await capture("apheresis-centre", "collect", { epcList: [bag], action: "ADD", bizTransactionList: [{ type: "po", bizTransaction: ORDER }], ...noted });
  const shipper = "https://id.gs1.org/8003/09506000134376S1";
  await capture("apheresis-centre", "hand-over", { type: "AggregationEvent", action: "ADD", epcList: undefined, parentID: SHIPMENT, childEPCs: [bag, shipper] });
  const sensorReport = [{ type: "Temperature", value: 4.5, uom: "CEL" }];
  await capture("logistics-provider", "accept", { epcList: [SHIPMENT], sensorElementList: [{ sensorReport }] });
  await capture("manufacturing-site", "receive", { epcList: [bag], eventID: `urn:x:${coi}:received` });
  await capture("manufacturing-site", "receive", { type: "TransformationEvent", action: undefined, epcList: undefined, inputEPCList: [bag], outputEPCList: [product], transformationID: `urn:x:batch:${coi}` });
  await capture("manufacturing-site", "receive", { epcList: [bag, foreignBag] });
  await hospital.api("POST", "/scans", { raw: `=,${foreignCoi}`, journeyId, step: "collect" });
  const { label } = await must(parties["apheresis-centre"].api("POST", `/journeys/${journeyId}/labels`, { container: bag, productName: "Leukapheresis", storageProfile: "fresh", lot: "LOT7" }));
  for (const [place, role] of (["logistics-provider", "testing-laboratory"] as const).entries()) {
    const giai = `9506000134LOG${place + 1}`;
    const key = createDeviceSigningKey(new Uint8Array(32).fill(40 + place));
    await must(
      oracle.operator("POST", "/devices", {
        giai,
        owner: parties[role].gln,
        publicKey: key.publicKey.map(String),
        messageKey: { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" },
        keyEpoch: 1,
        attestation: "device",
        calibratedFrom: "2026-01-01T00:00:00Z",
        calibratedUntil: "2036-01-01T00:00:00Z",
      }),
    );
    await must(oracle.operator("POST", `/journeys/${journeyId}/legs/${place === 0 ? "inbound" : "onward"}/device`, { giai, assignedFrom: "2026-03-02T09:00:00Z" }));
  }
  await settled();

  const { body: disclosure } = await oracle.operator("GET", `/journeys/${journeyId}/disclosure`);
  const courierId = parties["logistics-provider"].participantId;
  const hashes = (disclosure.events as Json[]).filter((event) => event.capturedBy !== courierId).map((event) => String(event.eventHash).slice(2));
  const gtinOf = (epc: string) => epc.slice("https://id.gs1.org/01/".length);
  return {
    oracle,
    network,
    parties: parties as Partial<Record<Role, Party>> & typeof parties,
    journeyId,
    coi,
    labelId: label.labelId as string,
    events: disclosure.events as Json[],
    /** What names the patient or the material, and what it could be found out from. */
    secrets: {
      "Chain of Identity": coi,
      ...Object.fromEntries(partsOf(coi).map((part) => [`part ${part} of the Chain of Identity`, part])),
      "Chain of Identity of another": foreignCoi,
      donation: DONATION,
      bag: gtinOf(bag),
      product: gtinOf(product),
      "bag of another": gtinOf(foreignBag),
      pseudonym: pseudonym as string,
      "record number": PATIENT.value,
      name: "Jane Example",
      order: "4711-0815",
      ...Object.fromEntries(hashes.map((hash, place) => [`hash of event ${place}`, hash])),
      "hash of the Chain of Identity": createHash("sha256").update(coi).digest("hex"),
    } as Record<string, string>,
    /** Until the ledger has all that was asked of it; fails when it refused something. */
    settled,
    /** Tells the relay that something waits for the ledger. */
    wake: () => relay.notify(),
    async grantMilestones(recipient: Party): Promise<string> {
      const { grantId } = await must(hospital.api("POST", `/journeys/${journeyId}/grants`, { recipient: recipient.gln, scopes: ["milestones"] }));
      return grantId as string;
    },
    async revoke(grantId: string): Promise<void> {
      await must(hospital.api("POST", `/journeys/${journeyId}/grants/${grantId}/revocation`, {}));
    },
    async close() {
      await oracle.close();
      await relay.close();
      await indexer.close();
      await network.close();
    },
  };
}

/** Every run of nine of its characters: the serial number with the year, the facility with the year. */
function partsOf(coi: string): string[] {
  return [...coi].map((_, place) => coi.slice(place, place + 9)).filter((part) => part.length === 9);
}

/** Names of the secrets that a text holds, in whatever case and however it is encoded for a URL. */
export function secretsIn(text: string, secrets: Readonly<Record<string, string>>): string[] {
  const readable = `${text}\n${decoded(text)}`.toLowerCase();
  return Object.entries(secrets).flatMap(([name, secret]) => (readable.includes(secret.toLowerCase()) ? [name] : []));
}

function decoded(text: string): string {
  return text.replaceAll(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(parseInt(code.slice(1), 16)));
}
