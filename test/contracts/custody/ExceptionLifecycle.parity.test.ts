import fc from "fast-check";
import { encodeBytes32String, id } from "ethers";
import { describe, expect, test } from "vitest";
import {
  EXCEPTION_STAGES,
  EXCEPTION_TRANSITIONS,
  advanceException,
  newExceptionState,
  transitionRefusal,
} from "../../../services/model/custody/exception-lifecycle.ts";
import type { ExceptionStage, ExceptionState, TransitionRefusal } from "../../../services/model/custody/exception-lifecycle.ts";
import { holdsRelease } from "../../../services/model/custody/exceptions.ts";
import { bitmapToRoles } from "../../../services/model/custody/roles.ts";
import { openQuality } from "../support/quality.ts";
import type { Transition } from "../support/quality.ts";
import { revertData } from "../support/revert.ts";
import { useThreadline } from "../support/use-threadline.ts";

const RUNS = 12;
const PEOPLE = ["clinic", "quality", "approver", "assurance", "authority"] as const;
const ERRORS: Record<TransitionRefusal, string> = {
  "illegal-transition": "ExceptionRegisterIllegalTransition",
  "not-authorised": "ExceptionRegisterNotAuthorised",
  "same-person": "ExceptionRegisterSamePerson",
};

/** Most moves follow the table, so that walks get far; the others try anything. */
const anyWalk = fc.array(
  fc.record({
    pick: fc.nat(100),
    anything: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    person: fc.oneof({ weight: 3, arbitrary: fc.constantFrom("quality", "approver", "assurance") }, { weight: 1, arbitrary: fc.constantFrom(...PEOPLE) }),
  }),
  { minLength: 8, maxLength: 30 },
);

describe("ExceptionLifecycle and its TypeScript twin", () => {
  const threadline = useThreadline();

  test(`agree on ${RUNS} random walks`, { timeout: 240_000 }, async () => {
    const { exceptions, participants } = threadline();
    const quality = await openQuality(threadline());
    let run = 0;
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(anyWalk, async (walk) => {
        const journeyId = id(`walk ${(run += 1)}`);
        await exceptions.raise(id("key"), journeyId, encodeBytes32String("custody-gap"), 0, 1000, id("detail"));
        let state: ExceptionState = newExceptionState;
        for (const [index, { pick, anything, person }] of walk.entries()) {
          const choices = anything ? EXCEPTION_STAGES : EXCEPTION_TRANSITIONS[state.stage];
          const to = choices[pick % choices.length] ?? "closed";
          const signer = quality.people[person].wallet.address;
          const roles = bitmapToRoles(Number((await participants.activeSigner(signer))[1]));
          const refusal = transitionRefusal(state, { to, signer, roles });
          const transition: Transition = { journeyId, number: 0, to, person, reasonHash: id(`reason ${index}`) };
          const error = await quality.advance(transition).then(() => null, (reason: unknown) => errorName(exceptions, reason));
          expect(error, `${state.stage} to ${to} by ${person}`).toBe(refusal === null ? null : ERRORS[refusal]);
          if (refusal === null) state = advanceException(state, { to, signer });
          seen.add(refusal ?? state.stage);
          const found = await exceptions.exceptionAt(journeyId, 0);
          expect(EXCEPTION_STAGES[Number(found.stage)]).toBe(state.stage);
          expect(EXCEPTION_STAGES[Number(found.outcome)]).toBe(state.outcome ?? "detected");
          expect(BigInt(found.proposer)).toBe(BigInt(state.proposer ?? 0));
          expect(await exceptions.openHolding(journeyId)).toBe(holdsRelease("critical") && state.outcome === null ? 1n : 0n);
        }
      }),
      { numRuns: RUNS, seed: 20_261_122 },
    );
    // A walk that gets nowhere proves nothing.
    expect([...seen].sort()).toEqual([...EXCEPTION_STAGES.filter((stage) => stage !== "detected"), ...Object.keys(ERRORS)].sort());
  });

  test("agree on every pair of stages", { timeout: 240_000 }, async () => {
    const { exceptions } = threadline();
    const quality = await openQuality(threadline());
    for (const from of EXCEPTION_STAGES) {
      const journeyId = id(`to ${from}`);
      await exceptions.raise(id("key"), journeyId, encodeBytes32String("custody-gap"), 0, 1000, id("detail"));
      let state: ExceptionState = newExceptionState;
      for (const to of wayThere(from)) {
        const person = state.stage.endsWith("proposed") ? "approver" : "quality";
        await quality.advance({ journeyId, number: 0, to, person });
        state = advanceException(state, { to, signer: quality.people[person].wallet.address });
      }
      expect(state.stage).toBe(from);
      for (const to of EXCEPTION_STAGES) {
        const call = await quality.sign({ journeyId, number: 0, to, person: "approver" });
        const error = await exceptions.advance.staticCall(...call).then(() => null, (reason: unknown) => errorName(exceptions, reason));
        expect(error, `${from} to ${to}`).toBe(EXCEPTION_TRANSITIONS[from].includes(to) ? null : ERRORS["illegal-transition"]);
      }
    }
  });
});

/** The shortest way from `detected`, found in the table. */
function wayThere(stage: ExceptionStage): ExceptionStage[] {
  const ways = new Map<ExceptionStage, ExceptionStage[]>([["detected", []]]);
  for (const [from, way] of ways) {
    for (const to of EXCEPTION_TRANSITIONS[from]) if (!ways.has(to)) ways.set(to, [...way, to]);
  }
  const way = ways.get(stage);
  if (way === undefined) throw new Error(`nothing leads to ${stage}`);
  return way;
}

function errorName(contract: { interface: { parseError(data: string): { name: string } | null } }, reason: unknown): string {
  const data = revertData(reason);
  if (data === undefined) throw reason;
  return contract.interface.parseError(data)?.name ?? data;
}
