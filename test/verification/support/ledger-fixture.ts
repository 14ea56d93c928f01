import { randomBytes } from "node:crypto";
import { Contract, JsonRpcProvider, NonceManager, Signature, Wallet, ZeroHash, getBytes, hexlify, keccak256, toUtf8Bytes } from "ethers";
import { deployThreadline } from "../../../scripts/deploy/deploy.ts";
import type { ThreadlineAddresses } from "../../../scripts/deploy/deploy.ts";
import { readArtifact } from "../../../scripts/deploy/artifacts.ts";
import type { ContractName } from "../../../scripts/deploy/artifacts.ts";
import { canonicalJson } from "../../../services/model/canonical-json.ts";
import { createDeviceSigningKey } from "../../../services/model/condition/index.ts";
import type { DeviceSigningKey } from "../../../services/model/condition/index.ts";
import { EXCEPTION_STAGES } from "../../../services/model/custody/exception-lifecycle.ts";
import type { ExceptionStage } from "../../../services/model/custody/exception-lifecycle.ts";
import { classOf } from "../../../services/model/custody/exceptions.ts";
import { detailCommitment } from "../../../services/model/custody/commitments.ts";
import { eventCommitment } from "../../../services/model/privacy/event-commitment.ts";
import type { ExceptionCode } from "../../../services/model/custody/exceptions.ts";
import { flowDocument, flowDocumentHash, gateNumber, stepNumber } from "../../../services/model/custody/flow.ts";
import { flowToLedger } from "../../../services/model/custody/flow-to-ledger.ts";
import { codeToBytes32, deviceIdOf, equipmentIdOf, journeyIdOf, laneIdOf, participantIdOf } from "../../../services/model/custody/identifiers.ts";
import { proveLinks } from "../../contracts/support/proven-identities.ts";
import { commitmentToBytes32, identityCommitment, identityLinkContext } from "../../../services/model/identity/index.ts";
import { DISPOSITION_DECISION_TYPES, EQUIPMENT_ACCEPTANCE_TYPES, INTERVAL_ACCEPTANCE_TYPES, RECALL_ACKNOWLEDGEMENT_TYPES } from "../../../services/model/custody/disposition-typed-data.ts";
import { DISPOSITION_DECISIONS } from "../../../services/model/custody/disposition.ts";
import type { DispositionDecision } from "../../../services/model/custody/disposition.ts";
import { rolesToBitmap } from "../../../services/model/custody/roles.ts";
import type { Role } from "../../../services/model/custody/roles.ts";
import {
  CUSTODY_EVENT_TYPES,
  EXCEPTION_TRANSITION_TYPES,
  IDENTITY_CHECK_TYPES,
  RELEASE_DECISION_TYPES,
  threadlineDomain,
} from "../../../services/model/custody/typed-data.ts";
import { eventHashBytes, eventHashId, parseEpcisEvent } from "../../../services/model/epcis/index.ts";
import type { Disclosure, WholeEvent } from "../../../services/verification/disclosure.ts";
import { DEVELOPMENT_KEYS, startAnvil } from "../../support/anvil.ts";
import type { Anvil } from "../../support/anvil.ts";
import { CONTEXT, eventBody } from "./epcis-events.ts";
import { FLOW } from "./flow.ts";

export const CHAIN_ID = 31_337n;
/** No step of the flow: 255 on the ledger. */
export const UNPLANNED = "unplanned";
export const GIAI = "4006381000019LOGGER01";
/** What every journey of the fixture is opened with. */
export const IDENTITY = { coi: "CHA999926000001", patient: null, blinding: 4711n };

export const DEVICE_ID = deviceIdOf(GIAI);

const GLNS: Record<Party, string> = {
  hospital: "4006381000026",
  courier: "4006381000033",
  manufacturer: "4006381000040",
  qualifiedPerson: "4006381000057",
  qualityAssurance: "4006381000064",
};
const PARTY_ROLES: Record<Party, Role[]> = {
  hospital: ["apheresis-centre"],
  courier: ["logistics-provider"],
  manufacturer: ["manufacturing-site"],
  qualifiedPerson: ["qualified-person"],
  qualityAssurance: ["quality-assurance"],
};
type Party = "hospital" | "courier" | "manufacturer" | "qualifiedPerson" | "qualityAssurance";

export interface Journey {
  journeyId: string;
  /** What the oracle would disclose of the journey so far. */
  disclosure: Disclosure & { events: WholeEvent[] };
  events: number;
}

export interface LedgerFixture {
  anvil: Anvil;
  addresses: ThreadlineAddresses;
  device: DeviceSigningKey;
  contracts: Record<"participants" | "devices" | "flows" | "custody" | "exceptions" | "proofs" | "identities" | "equipment" | "dispositions" | "releases", Contract>;
  participantId(party: Party): string;
  openJourney(name: string): Promise<Journey>;
  /** Captures an EPCIS event for the step and records its commitment, signed by the party. Times are Unix seconds. */
  record(journey: Journey, step: string, party: Party, occurredAt: number): Promise<void>;
  /** The same for an event of the caller's own, under a step of the flow or `UNPLANNED`. */
  recordBody(journey: Journey, body: Record<string, unknown>, step: string, party: Party): Promise<void>;
  /** Proves at a step of the flow that the identity is the journey's, and records it as the party's. */
  checkIdentity(journey: Journey, step: string, party: Party, linkedBlinding?: bigint): Promise<void>;
  /** Registers a shipper of its own, and a lane, qualifies both from a day before, and assigns them to the only leg. */
  assignShipper(journey: Journey, assignedAt: number, change?: { qualified?: boolean; grai?: string }): Promise<void>;
  raise(journey: Journey, code: ExceptionCode, leg: number | null, occurredAt: number): Promise<void>;
  /** Moves an exception on with a party's own signature; by the qualified person unless another is named. */
  advance(journey: Journey, number: number, to: ExceptionStage, person?: Party): Promise<void>;
  /** The shortest way: quality assurance proposes the resolution, the qualified person approves it. */
  resolve(journey: Journey, number: number): Promise<void>;
  /** The same, but the deviation is accepted with a justification. */
  accept(journey: Journey, number: number): Promise<void>;
  /** The qualified person accepts what is not proven of leg 0, from where coverage ends, under an accepted exception. */
  acceptInterval(journey: Journey, to: number, exceptionNumber: number): Promise<void>;
  /** The qualified person accepts what carried leg 0, by as many assignments as it has, under an accepted exception. */
  acceptEquipment(journey: Journey, exceptionNumber: number): Promise<void>;
  decide(journey: Journey, decision: DispositionDecision, person?: Party): Promise<void>;
  acknowledgeRecall(journey: Journey, recalls: number, person: Party): Promise<void>;
  release(journey: Journey, gate: string): Promise<void>;
  close(): Promise<void>;
}

/** A chain with the real contracts, five parties, one device and the flow; written to directly, without a relay. */
export async function startLedgerFixture(): Promise<LedgerFixture> {
  const anvil = await startAnvil();
  const provider = new JsonRpcProvider(anvil.rpcUrl, CHAIN_ID, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 });
  const oracle = new NonceManager(new Wallet(DEVELOPMENT_KEYS[0], provider));
  const oracleAddress = await oracle.getAddress();
  const { addresses } = await deployThreadline({ signer: oracle, oracle: oracleAddress, admin: oracleAddress, adminDelaySeconds: 0, verifiers: "dev" });
  oracle.reset();
  const at = (name: ContractName, address: string) => new Contract(address, readArtifact(name).abi, oracle);
  const contracts = {
    participants: at("ParticipantRegistry", addresses.participantRegistry),
    devices: at("DeviceRegistry", addresses.deviceRegistry),
    flows: at("FlowRegistry", addresses.flowRegistry),
    custody: at("CustodyLedger", addresses.custodyLedger),
    exceptions: at("ExceptionRegister", addresses.exceptionRegister),
    proofs: at("ConditionProofs", addresses.conditionProofs),
    dispositions: at("DispositionRegister", addresses.dispositionRegister),
    identities: at("IdentityChecks", addresses.identityChecks),
    equipment: at("EquipmentRegistry", addresses.equipmentRegistry),
    releases: at("ReleaseRegister", addresses.releaseRegister),
  };
  const send = async (contract: Contract, method: string, ...parameters: unknown[]) => {
    const response = (await contract.getFunction(method)(...parameters)) as { wait(): Promise<unknown> };
    await response.wait();
  };
  const wallets = Object.fromEntries(Object.keys(GLNS).map((party) => [party, Wallet.createRandom()])) as Record<Party, ReturnType<typeof Wallet.createRandom>>;
  for (const party of Object.keys(GLNS) as Party[])
    await send(contracts.participants, "register", participantIdOf(GLNS[party]), rolesToBitmap(PARTY_ROLES[party]), wallets[party].address, false);
  const device = createDeviceSigningKey(new Uint8Array(32).fill(9));
  await send(contracts.devices, "enrol", DEVICE_ID, participantIdOf(GLNS.courier), ...device.publicKey, keccak256("0x09"), 0);
  await send(contracts.devices, "recordCalibration", DEVICE_ID, 1_600_000_000, 2_000_000_000);
  await send(contracts.flows, "register", flowDocument(FLOW), flowToLedger(FLOW));

  const fixture: LedgerFixture = {
    anvil,
    addresses,
    device,
    contracts,
    participantId: (party) => participantIdOf(GLNS[party]),
    async openJourney(name) {
      const journeyId = journeyIdOf(name, randomBytes(32));
      await send(contracts.custody, "openJourney", journeyId, 1, commitmentToBytes32(identityCommitment(IDENTITY)));
      return { journeyId, disclosure: { journeyId, flowDocumentHash: flowDocumentHash(FLOW), events: [], exceptionDetails: [], segments: [] }, events: 0 };
    },
    async record(journey, step, party, occurredAt) {
      await fixture.recordBody(journey, eventBody(step, occurredAt, journey.events), step, party);
    },
    async recordBody(journey, body, step, party) {
      const occurredAt = Date.parse(String(body["eventTime"])) / 1000;
      const parsed = parseEpcisEvent(body, CONTEXT);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
      const eventHash = eventHashBytes(parsed.event, CONTEXT);
      const salt = randomBytes(32);
      const message = {
        journeyId: journey.journeyId,
        commitment: eventCommitment(eventHash, { body: JSON.stringify(body), context: JSON.stringify(CONTEXT) }, salt),
        sequence: journey.events,
        step: step === UNPLANNED ? 255 : stepNumber(FLOW, step),
        occurredAt,
      };
      const domain = threadlineDomain(CHAIN_ID, addresses.custodyLedger);
      const signature = Signature.from(await wallets[party].signTypedData(domain, CUSTODY_EVENT_TYPES, message));
      await send(contracts.custody, "record", [{ ...message, signatureR: signature.r, signatureVS: signature.yParityAndS }]);
      journey.events += 1;
      journey.disclosure.events.push({
        sequence: message.sequence,
        commitment: message.commitment,
        salt: hexlify(salt),
        eventHash: hexlify(eventHash),
        eventId: parsed.event.eventID ?? eventHashId(parsed.event, CONTEXT),
        body: JSON.stringify(body),
        context: JSON.stringify(CONTEXT),
        recordTime: new Date((occurredAt + 60) * 1000).toISOString(),
        capturedBy: participantIdOf(GLNS[party]),
        capturedByGln: GLNS[party],
        isErrorDeclaration: parsed.event.errorDeclaration !== undefined,
      });
    },
    async checkIdentity({ journeyId }, stepName, party, linkedBlinding = 1n) {
      const contract = addresses.identityChecks;
      const step = stepNumber(FLOW, stepName);
      const context = identityLinkContext({ chainId: CHAIN_ID, contract, journeyId, step });
      const [link] = await proveLinks([{ ...IDENTITY, context, linkedBlinding }]);
      if (link === undefined) throw new Error("no proof was made");
      const signedAt = (await provider.getBlock("latest"))?.timestamp ?? 0;
      const { linkedCommitment, proofA, proofB, proofC } = link;
      const value = { journeyId, step, linkedCommitment, signedAt };
      const signature = await wallets[party].signTypedData(threadlineDomain(CHAIN_ID, contract), IDENTITY_CHECK_TYPES, value);
      await send(contracts.identities, "record", journeyId, step, linkedCommitment, signedAt, signature, proofA, proofB, proofC);
    },
    async assignShipper({ journeyId }, assignedAt, { qualified = true, grai = `09506000134352${journeyId.slice(2, 12)}` } = {}) {
      const { equipment } = contracts;
      const [shipper, lane] = [equipmentIdOf(grai), laneIdOf(`lane-of-${journeyId.slice(2, 12)}`)];
      const certificate = keccak256("0x0c");
      if ((await equipment.getFunction("shipperDocument")(shipper)) === ZeroHash)
        await send(equipment, "registerShipper", shipper, participantIdOf(GLNS.courier), keccak256("0x0d"));
      await send(equipment, "registerLane", lane, keccak256("0x0d"));
      if (qualified) await send(equipment, "qualifyShipper", shipper, assignedAt - 86_400, assignedAt + 86_400, certificate);
      await send(equipment, "qualifyLane", lane, assignedAt - 86_400, assignedAt + 86_400, certificate);
      await send(equipment, "assignShipper", journeyId, 0, shipper, lane, assignedAt);
    },
    async raise(journey, code, leg, occurredAt) {
      const { journeyId } = journey;
      const exceptionKey = keccak256(toUtf8Bytes(`${journeyId}:${code}:1`));
      const salt = randomBytes(32);
      const facts = { observed: 9.5, limit: 8, unit: "degrees Celsius" };
      const detail = canonicalJson({ journeyId, code, leg, occurredAt, ...facts, message: "too warm", key: "1" });
      const commitment = detailCommitment(detail, salt);
      await send(contracts.exceptions, "raise", exceptionKey, journeyId, codeToBytes32(code), leg === null ? 0 : leg + 1, occurredAt, commitment);
      journey.disclosure.exceptionDetails.push({ exceptionKey, code, class: classOf(code), leg, occurredAt, detail, salt: hexlify(salt) });
    },
    async advance({ journeyId }, number, to, person = "qualifiedPerson") {
      const record = (await contracts.exceptions.getFunction("exceptionAt")(journeyId, number)) as { stage: bigint };
      const signedAt = (await provider.getBlock("latest"))?.timestamp ?? 0;
      const reasonHash = keccak256(randomBytes(32));
      const transition = { journeyId, number, from: Number(record.stage), to: EXCEPTION_STAGES.indexOf(to), reasonHash, signedAt };
      const domain = threadlineDomain(CHAIN_ID, addresses.exceptionRegister);
      const signature = await wallets[person].signTypedData(domain, EXCEPTION_TRANSITION_TYPES, transition);
      await send(contracts.exceptions, "advance", journeyId, number, transition.to, reasonHash, signedAt, signature);
    },
    async resolve(journey, number) {
      for (const to of ["classified", "under-assessment", "resolution-proposed"] as const)
        await fixture.advance(journey, number, to, "qualityAssurance");
      await fixture.advance(journey, number, "resolved");
    },
    async accept(journey, number) {
      for (const to of ["classified", "under-assessment", "acceptance-proposed"] as const)
        await fixture.advance(journey, number, to, "qualityAssurance");
      await fixture.advance(journey, number, "accepted");
    },
    async acceptInterval({ journeyId }, to, exceptionNumber) {
      const from = Number(await contracts.proofs.getFunction("coveredUntil")(journeyId, 0));
      const signedAt = (await provider.getBlock("latest"))?.timestamp ?? 0;
      const domain = threadlineDomain(CHAIN_ID, addresses.conditionProofs);
      const value = { journeyId, leg: 0, from, to, exceptionNumber, signedAt };
      const signature = await wallets.qualifiedPerson.signTypedData(domain, INTERVAL_ACCEPTANCE_TYPES, value);
      await send(contracts.proofs, "acceptInterval", journeyId, 0, to, exceptionNumber, signedAt, signature);
    },
    async acceptEquipment({ journeyId }, exceptionNumber) {
      const [, , assigned] = (await contracts.equipment.getFunction("openFindings")(journeyId, 0)) as [boolean, boolean, bigint];
      const signedAt = (await provider.getBlock("latest"))?.timestamp ?? 0;
      const value = { journeyId, leg: 0, assignments: assigned, exceptionNumber, signedAt };
      const domain = threadlineDomain(CHAIN_ID, addresses.equipmentRegistry);
      const signature = await wallets.qualifiedPerson.signTypedData(domain, EQUIPMENT_ACCEPTANCE_TYPES, value);
      await send(contracts.equipment, "acceptEquipment", journeyId, 0, assigned, exceptionNumber, signedAt, signature);
    },
    async decide({ journeyId }, decisionName, person = "qualifiedPerson") {
      const number = (await contracts.dispositions.getFunction("nextNumber")(journeyId)) as bigint;
      const head = (await contracts.custody.getFunction("head")(journeyId)) as string;
      const signedAt = (await provider.getBlock("latest"))?.timestamp ?? 0;
      const decision = DISPOSITION_DECISIONS.indexOf(decisionName);
      const reasonHash = keccak256(randomBytes(32));
      const domain = threadlineDomain(CHAIN_ID, addresses.dispositionRegister);
      const signature = await wallets[person].signTypedData(domain, DISPOSITION_DECISION_TYPES, { journeyId, number, decision, head, reasonHash, signedAt });
      await send(contracts.dispositions, "decide", journeyId, number, decision, head, reasonHash, signedAt, signature);
    },
    async acknowledgeRecall({ journeyId }, recalls, person) {
      const signedAt = (await provider.getBlock("latest"))?.timestamp ?? 0;
      const domain = threadlineDomain(CHAIN_ID, addresses.dispositionRegister);
      const signature = await wallets[person].signTypedData(domain, RECALL_ACKNOWLEDGEMENT_TYPES, { journeyId, recalls, signedAt });
      await send(contracts.dispositions, "acknowledgeRecall", journeyId, recalls, signedAt, signature);
    },
    async release({ journeyId }, gateName) {
      const gate = gateNumber(FLOW, gateName);
      const head = (await contracts.custody.getFunction("head")(journeyId)) as string;
      const domain = threadlineDomain(CHAIN_ID, addresses.releaseRegister);
      const signedAt = (await provider.getBlock("latest"))?.timestamp ?? 0;
      const signature = await wallets.qualifiedPerson.signTypedData(domain, RELEASE_DECISION_TYPES, { journeyId, gate, head, signedAt });
      await send(contracts.releases, "release", journeyId, gate, head, signedAt, getBytes(signature));
    },
    async close() {
      provider.destroy();
      await anvil.close();
    },
  };
  return fixture;
}
