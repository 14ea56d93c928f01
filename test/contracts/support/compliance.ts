import { Base8, mulPointEscalar } from "@zk-kit/baby-jubjub";
import { id } from "ethers";
import { STEP } from "./flow.ts";
import type { FactInput, Threadline } from "./threadline.ts";

export const JOURNEY = id("journey 1");
export const DEVICE = id("logger 1");
export const INBOUND = 0;
/** Longest gap of the test flow's profile, 600 s, in ticks of 255 to the byte: 3 s each. */
export const UNIT_SECONDS = 3;
export const GAP_SECONDS = 600;

export interface SegmentInput {
  from: number;
  to: number;
  stateAfter?: bigint;
  readingsCommitment?: bigint;
}

/** A segment whose proof says nothing: for what the contract demands beside a proof. */
export function unproven({ from, to, stateAfter = 7n, readingsCommitment = 8n }: SegmentInput) {
  return { from, to, stateAfter, readingsCommitment, proofA: [0, 0], proofB: [[0, 0], [0, 0]], proofC: [0, 0] } as const;
}

/** Opens the journey and enrols the logger, calibrated around `start`, which is on the profile's time unit. */
export async function openCompliance(threadline: Threadline): Promise<number> {
  const { ledger, devices, actors } = threadline;
  await ledger.openJourney(JOURNEY, 1, id("identity"));
  const [x, y] = mulPointEscalar(Base8, 987654321n);
  await devices.enrol(DEVICE, actors.courier.participantId, x, y, id("message key"), 0);
  const present = await threadline.now();
  const start = present - (present % UNIT_SECONDS) + 2 * UNIT_SECONDS;
  await devices.recordCalibration(DEVICE, start - 86_400, start + 30 * 86_400);
  return start;
}

/** Records the steps up to and including the one named, all as planned; the leg runs from `legStart` to `legEnd`. */
export async function walkTo(
  threadline: Threadline,
  last: "handOver" | "deliver" | "receive",
  { legStart, legEnd = legStart }: { legStart: number; legEnd?: number },
): Promise<void> {
  const { ledger, signFact, actors, provider } = threadline;
  const route: [keyof Threadline["actors"], number, number][] = [
    ["clinic", STEP.collect, legStart - 1],
    ["clinic", STEP.handOver, legStart],
    ["courier", STEP.pickUp, legStart + 1],
    ["courier", STEP.deliver, legEnd - 1],
    ["factory", STEP.receive, legEnd],
  ];
  const present = await threadline.now();
  await provider.request({ method: "evm_setNextBlockTimestamp", params: [Math.max(present + 1, legEnd)] });
  const facts = route.slice(0, STEP[last] + 1);
  const events = await Promise.all(
    facts.map(([actor, step, occurredAt], sequence) => {
      const fact: FactInput = { journeyId: JOURNEY, sequence, step, occurredAt };
      return signFact(actors[actor].wallet, fact);
    }),
  );
  await ledger.record(events);
}
