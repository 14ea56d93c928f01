import { SigningKey, computeAddress, keccak256, toBeHex } from "ethers";
import { firstHead } from "../model/custody/commitments.ts";
import { createLogDecoder, topicOf } from "./decode-log.ts";
import type { RawLog } from "./decode-log.ts";
import type { LedgerAddresses } from "./addresses.ts";
import { createCustodyDigest, createHashChain } from "./hash-chain.ts";
import { createHasher } from "./keccak.ts";
import type { CustodyEventRecorded } from "./ledger-events.ts";
import { createSignerRecovery } from "./signer-recovery.ts";

export interface ReplayBench {
  events: number;
  /** Decode and recompute the hash chain. */
  chainEventsPerSecond: number;
  /** The same, and recover every signature. */
  signedEventsPerSecond: number;
}

const CHAIN_ID = 31_337n;
const PARTICIPANTS = 4;
const FIRST_TIME = 1_700_000_000;

/**
 * How fast a replay goes on logs in the form `eth_getLogs` answers them, without the node's own time: `count` signed
 * events of one journey by four participants. Throws when the replay does not accept its own input.
 */
export async function benchReplay(count: number): Promise<ReplayBench> {
  const hasher = await createHasher();
  const addresses = benchAddresses();
  const journeyId = keccak256("0x01");
  const start = firstHead(journeyId, 1, keccak256("0x02"));
  const digestOf = createCustodyDigest(hasher, CHAIN_ID, addresses.custodyLedger);
  const nextHead = createHashChain(hasher);
  const keys = Array.from({ length: PARTICIPANTS }, (_, index) => new SigningKey(keccak256(toBeHex(index + 1))));
  const accounts = keys.map((key) => computeAddress(key.publicKey).toLowerCase());
  const logs: RawLog[] = [];
  let head = start;
  for (let sequence = 0; sequence < count; sequence += 1) {
    const actor = sequence % PARTICIPANTS;
    const occurredAt = FIRST_TIME + sequence;
    const event = { journeyId, commitment: keccak256(toBeHex(sequence, 32)), sequence, step: sequence % 16, occurredAt };
    const signature = (keys[actor] as SigningKey).sign(digestOf(event));
    const link = { ...event, recordedAt: occurredAt + 5, signer: accounts[actor] as string };
    head = nextHead(head, link);
    logs.push(rawLog(addresses.custodyLedger, link, actor + 1, head, signature.r, signature.yParityAndS));
  }
  const decode = createLogDecoder(addresses);
  const recovery = createSignerRecovery(hasher);
  const decodeAll = () => logs.map(decode).filter((event) => event?.name === "CustodyEventRecorded");
  const chain = (events: CustodyEventRecorded[], signerOf: (index: number) => string | null) => {
    let current = start;
    events.forEach((event, index) => {
      current = nextHead(current, { ...event, signer: signerOf(index) ?? "" });
      if (current !== event.head) throw new Error(`the replay breaks at event ${event.sequence}`);
    });
  };
  const signersKnown = logs.map((_, index) => accounts[index % PARTICIPANTS] as string);
  const chainSeconds = seconds(() => chain(decodeAll(), (index) => signersKnown[index] ?? null));
  const signedSeconds = seconds(() => {
    const events = decodeAll();
    const signers = recovery.recoverAll(
      events.map((event) => ({
        digest: digestOf(event),
        r: BigInt(event.signatureR),
        vs: BigInt(event.signatureVS),
        group: event.participant,
      })),
    );
    chain(events, (index) => signers[index] ?? null);
  });
  return {
    events: count,
    chainEventsPerSecond: Math.round(count / chainSeconds),
    signedEventsPerSecond: Math.round(count / signedSeconds),
  };
}

function seconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

function rawLog(
  address: string,
  event: { journeyId: string; sequence: number; commitment: string; step: number; occurredAt: number; recordedAt: number },
  participant: number,
  head: string,
  r: string,
  vs: string,
): RawLog {
  const number = (value: number) => value.toString(16).padStart(64, "0");
  const words = [
    number(event.sequence),
    event.commitment.slice(2),
    number(event.step),
    number(event.occurredAt),
    number(event.recordedAt),
    ...[head, r, vs].map((text) => text.slice(2)),
  ];
  return {
    address,
    topics: [topicOf("CustodyEventRecorded"), event.journeyId, `0x${number(participant)}`],
    data: `0x${words.join("")}`,
    blockNumber: toBeHex(event.sequence + 1),
    logIndex: "0x0",
    transactionHash: keccak256(event.commitment),
  };
}

function benchAddresses(): LedgerAddresses {
  const at = (index: number) => toBeHex(index, 20);
  return {
    participantRegistry: at(1),
    deviceRegistry: at(2),
    flowRegistry: at(3),
    custodyLedger: at(4),
    exceptionRegister: at(5),
    conditionProofs: at(6),
    releaseRegister: at(7),
    accessGrants: at(8),
    dispositionRegister: at(9),
    conditionSegmentVerifier: at(10),
    identityChecks: at(11),
    identityLinkVerifier: at(12),
    exceptionCatalogue: at(13),
    specificationRegistry: at(14),
    batchProofs: at(15),
    batchReleaseVerifier: at(16),
    equipmentRegistry: at(17),
  };
}
