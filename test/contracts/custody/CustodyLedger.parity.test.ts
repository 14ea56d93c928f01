import fc from "fast-check";
import { id } from "ethers";
import { describe, expect, test } from "vitest";
import { firstHead, nextHead } from "../../../services/model/custody/commitments.ts";
import { anchorSteps, flowToLedger } from "../../../services/model/custody/flow-to-ledger.ts";
import { CUSTODY_ACTIONS, flowDocument, flowSchema } from "../../../services/model/custody/flow.ts";
import type { FlowDefinition } from "../../../services/model/custody/flow.ts";
import { bytes32ToCode } from "../../../services/model/custody/identifiers.ts";
import { ROLES } from "../../../services/model/custody/roles.ts";
import { newJourneyState, recordFact } from "../../../services/model/custody/rules.ts";
import type { JourneyState } from "../../../services/model/custody/rules.ts";
import type { Threadline } from "../support/threadline.ts";
import { useThreadline } from "../support/use-threadline.ts";

const SEED = 20_260_101;
const RUNS = 40;
const ACTORS = ["clinic", "courier", "factory", "quality", "authority"] as const;
const GATES = 3;

const seconds = fc.integer({ min: 1, max: 6000 });
const subset = <T>(items: readonly T[], minLength = 0) => fc.subarray([...items], { minLength });

/** Any flow the schema takes whose steps wait only for earlier ones, so that the ledger takes it too. */
const anyFlow = fc.integer({ min: 1, max: 9 }).chain((stepCount) =>
  fc.record({
    name: fc.constant("random"),
    version: fc.integer({ min: 1, max: 0xffff }),
    lateEntryToleranceSeconds: fc.integer({ min: 0, max: 4000 }),
    handoverToleranceSeconds: fc.integer({ min: 0, max: 4000 }),
    profiles: fc.constant([]),
    steps: fc.tuple(...Array.from({ length: stepCount }, (_, index) => anyStep(index, stepCount))),
    gates: fc.constant(Array.from({ length: GATES }, (_, index) => ({ gate: `gate-${index}`, title: "Gate", roles: ["qualified-person"] }))),
  }),
);

function anyStep(index: number, stepCount: number) {
  const names = Array.from({ length: stepCount }, (_, number) => `step-${number}`);
  const limit = fc.record({ of: fc.constantFrom(...names, "none"), seconds });
  return fc
    .record({
      title: fc.constant("Step"),
      roles: subset(ROLES, 1),
      custody: fc.constantFrom(...CUSTODY_ACTIONS),
      after: subset(names.slice(0, index)),
      repeatable: fc.boolean(),
      requiredGate: fc.option(fc.integer({ min: 0, max: GATES - 1 }), { nil: undefined, freq: 3 }),
      within: fc.array(limit, { maxLength: 2 }),
    })
    .map(({ requiredGate, within, ...step }) => ({
      ...step,
      step: names[index],
      within: within.filter(({ of }) => of !== names[index] && of !== "none"),
      ...(requiredGate === undefined ? {} : { requiredGate: `gate-${requiredGate}` }),
    }));
}

/** Facts around the time of their block, some for a step the flow does not have; gates released now and then. */
const anyHistory = fc.array(
  fc.record({
    gate: fc.option(fc.integer({ min: 0, max: GATES - 1 }), { nil: undefined }),
    secondsSinceLast: fc.integer({ min: 1, max: 5000 }),
    facts: fc.array(
      fc.record({
        actor: fc.constantFrom(...ACTORS),
        step: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 8 }) }, { weight: 1, arbitrary: fc.integer({ min: 9, max: 255 }) }),
        secondsFromBlock: fc.integer({ min: -6000, max: 400 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

describe("CustodyLedger and the TypeScript rules", () => {
  const threadline = useThreadline({}, async (fresh) => {
    // So that the test can release gates without the checks, which are the release register's own matter.
    await fresh.ledger.connect(fresh.accounts.admin).grantRole(id("RELEASE_ROLE"), fresh.accounts.oracle.address);
  });

  test(`agree on ${RUNS} random flows and histories`, { timeout: 120_000 }, async () => {
    let run = 0;
    const raised = new Set<string>();
    const oneRun = fc.asyncProperty(anyFlow, anyHistory, async (definition, history) => {
      const flow = flowSchema.parse(definition);
      await playBoth(threadline(), { flow, history, journeyId: id(`journey ${run}`), document: `${flowDocument(flow)} ${run++}` }, raised);
    });
    await fc.assert(oneRun, { seed: SEED, numRuns: RUNS, endOnFailure: false });
    // The histories are worth something only if they break every rule.
    expect([...raised].sort()).toEqual([
      "actor-not-authorised", "clock-skew", "custody-gap", "late-entry", "step-out-of-order", "time-limit-exceeded",
    ]);
  });
});

interface Play {
  flow: FlowDefinition;
  history: (typeof anyHistory extends fc.Arbitrary<infer T> ? T : never);
  journeyId: string;
  document: string;
}

async function playBoth(threadline: Threadline, { flow, history, journeyId, document }: Play, raised: Set<string>): Promise<void> {
  const { ledger, flows, exceptions, actors, provider, signFact, now } = threadline;
  await flows.register(document, flowToLedger(flow));
  const flowNumber = Number(await flows.flowCount());
  await ledger.openJourney(journeyId, flowNumber, id("identity"));
  let state: JourneyState = newJourneyState;
  let head = firstHead(journeyId, flowNumber, id("identity"));
  let sequence = 0;
  for (const block of history) {
    if (block.gate !== undefined) {
      await ledger.markGateReleased(journeyId, block.gate);
      state = { ...state, releasedGates: new Set([...state.releasedGates, block.gate]) };
    }
    const recordedAt = (await now()) + block.secondsSinceLast;
    const expected: string[] = [];
    const events = [];
    for (const fact of block.facts) {
      const { wallet, roles, name } = actors[fact.actor];
      const occurredAt = recordedAt + fact.secondsFromBlock;
      const event = await signFact(wallet, { journeyId, sequence, step: fact.step, occurredAt });
      const outcome = recordFact(flow, state, { step: fact.step, participant: name, roles, occurredAt, recordedAt });
      expected.push(...outcome.exceptions.map((code) => `${sequence} ${code}`));
      outcome.exceptions.forEach((code) => raised.add(code));
      state = outcome.state;
      head = nextHead(head, { commitment: event.commitment, step: fact.step, occurredAt, recordedAt, signer: wallet.address });
      events.push(event);
      sequence += 1;
    }
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [recordedAt] });
    const receipt = await (await ledger.record(events)).wait();
    expect(raisedCodes(receipt?.logs ?? [], ledger, exceptions)).toEqual(expected);
  }
  expect(await ledger.head(journeyId)).toBe(head);
  await expectSameState(threadline, flow, journeyId, state);
}

type Parser = { interface: { parseLog(log: { topics: readonly string[]; data: string }): { name: string; args: Record<string, unknown> } | null } };

/** The exceptions in a receipt, each with the sequence number of the event recorded just before it. */
function raisedCodes(logs: readonly { topics: readonly string[]; data: string }[], ledger: Parser, exceptions: Parser): string[] {
  let sequence = "";
  return logs.flatMap((log) => {
    const recorded = ledger.interface.parseLog(log);
    if (recorded !== null) {
      sequence = String(recorded.args["sequence"]);
      return [];
    }
    const exception = exceptions.interface.parseLog(log);
    return exception === null ? [] : [`${sequence} ${bytes32ToCode(String(exception.args["code"]))}`];
  });
}

async function expectSameState({ ledger, actors, participants }: Threadline, flow: FlowDefinition, journeyId: string, state: JourneyState): Promise<void> {
  const stored = await ledger.journey(journeyId);
  const custodian = Object.values(actors).find((actor) => actor.name === state.custodian);
  expect({
    custodian: stored.custodian,
    handoverPending: stored.handoverPending,
    releasedAt: Number(stored.releasedAt),
    recordedSteps: stored.recordedSteps,
    releasedGates: stored.releasedGates,
  }).toEqual({
    custodian: custodian === undefined ? 0n : (await participants.participant(custodian.participantId)).index,
    handoverPending: state.handoverPending,
    releasedAt: state.releasedAt,
    recordedSteps: [...state.recordedSteps.keys()].reduce((bits, step) => bits | (1n << BigInt(step)), 0n),
    releasedGates: [...state.releasedGates].reduce((bits, gate) => bits | (1n << BigInt(gate)), 0n),
  });
  const anchors = anchorSteps(flow);
  for (const [number, { step }] of flow.steps.entries()) {
    const expected = anchors.has(step) ? (state.recordedSteps.get(number) ?? 0) : 0;
    expect(Number(await ledger.stepOccurredAt(journeyId, number))).toBe(expected);
  }
}
