import { encodeBytes32String, id } from "ethers";
import type { Result } from "ethers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  DISPOSITION_DECISIONS,
  EXCEPTIONAL_RELEASE_STAGES,
  EXCEPTIONAL_RELEASE_STEPS,
  authorityNotificationDueAt,
  decideDisposition,
  dispositionCheck,
  nextDispositionNumber,
  noDisposition,
  takeExceptionalReleaseStep,
} from "../../../services/model/custody/disposition.ts";
import type { DispositionOutcome, DispositionRefusal, DispositionState } from "../../../services/model/custody/disposition.ts";
import { dispositionFlow, openDisposition } from "../support/disposition.ts";
import type { Disposition, DispositionPerson } from "../support/disposition.ts";
import { revertName } from "../support/revert.ts";
import { useThreadline } from "../support/use-threadline.ts";

const REFUSALS: Record<DispositionRefusal, string> = {
  "not-authorised": "DispositionRegisterNotAuthorised",
  "illegal-transition": "DispositionRegisterIllegalTransition",
  "out-of-order": "DispositionRegisterOutOfOrder",
  "not-requester": "DispositionRegisterNotRequester",
  "not-provided-for": "DispositionRegisterNotProvidedFor",
};
const CHECK_STATUSES = ["pending", "compliant", "not-compliant", "completed", "error"];
const DISPOSITION_CHECK = 6n;

const person = fc.constantFrom<DispositionPerson>("quality", "quality", "clinic", "otherClinic", "factory", "assurance", "authority");
const act = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("decision" as const), what: fc.constantFrom(...DISPOSITION_DECISIONS.slice(1)), person }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("step" as const), what: fc.constantFrom(...EXCEPTIONAL_RELEASE_STEPS), person }) },
  { weight: 4, arbitrary: fc.constant({ kind: "onward" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "recall" as const }) },
);

/** Random acts alone seldom get far along the way: this one is always the next on it. */
const ONWARD = {
  none: { kind: "step", what: "request", person: "clinic" },
  requested: { kind: "step", what: "risk-evaluation", person: "factory" },
  evaluated: { kind: "step", what: "confirmation", person: "clinic" },
  confirmed: { kind: "decision", what: "oos-exceptional-release", person: "quality" },
  released: { kind: "step", what: "authority-notification", person: "factory" },
  "authority-notified": { kind: "step", what: "authority-acknowledgement", person: "authority" },
  "authority-acknowledged": { kind: "decision", what: "on-hold", person: "assurance" },
} as const;

describe("the disposition's rules", () => {
  let book: Disposition;
  let journeys = 0;
  const threadline = useThreadline({ flow: dispositionFlow }, async (fresh) => {
    book = await openDisposition(fresh);
  });

  test("are the same on the ledger and in TypeScript, over random histories", async () => {
    const { dispositions, exceptions, ledger, releases, now } = threadline();
    const reached = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 14 }), async (acts) => {
        journeys += 1;
        const journeyId = id(`journey ${journeys}`);
        await ledger.openJourney(journeyId, 1, id("identity"));
        let state: DispositionState = noDisposition;
        for (const [place, chosen] of acts.entries()) {
          if (chosen.kind === "recall") {
            await exceptions.raise(id(`recall ${place}`), journeyId, encodeBytes32String("positive-late-result"), 0, await now(), id("detail"));
            state = { ...state, recalls: state.recalls + 1 };
          } else {
            const next = chosen.kind === "onward" ? ONWARD[state.stage] : chosen;
            const { participantId: participant, roles } = book.people[next.person];
            const sent = await outcomeOf(
              next.kind === "decision" ? book.decide(next.person, journeyId, next.what) : book.take(next.person, journeyId, next.what),
            );
            const at = await now();
            const twin: DispositionOutcome =
              next.kind === "decision"
                ? decideDisposition(state, next.what, { participant, roles }, at)
                : takeExceptionalReleaseStep(state, next.what, { participant, roles }, at, dispositionFlow.authorityNotificationSeconds);
            expect(sent).toBe("refusal" in twin ? REFUSALS[twin.refusal] : "done");
            if ("state" in twin) state = twin.state;
          }
          reached.add(`${state.decision}/${state.stage}`);
          await expectSame(journeyId, state);
        }
      }),
      { numRuns: 25, seed: 20260302 },
    );
    expect([...EXCEPTIONAL_RELEASE_STAGES].filter((stage) => ![...reached].some((place) => place.endsWith(`/${stage}`)))).toEqual([]);

    async function expectSame(journeyId: string, state: DispositionState): Promise<void> {
      const found = await dispositions.disposition(journeyId);
      expect(DISPOSITION_DECISIONS[Number(found.decision)]).toBe(state.decision);
      expect(EXCEPTIONAL_RELEASE_STAGES[Number(found.stage)]).toBe(state.stage);
      expect([(found as unknown as Result).getValue("entries") as bigint, found.recallsJudged, found.exceptionalReleaseAt, found.authorityNotifiedAt].map(Number)).toEqual([
        state.entries, state.recallsJudged, state.exceptionalReleaseAt ?? 0, state.authorityNotifiedAt ?? 0,
      ]);
      expect(Number(await dispositions.nextNumber(journeyId))).toBe(nextDispositionNumber(state));
      expect(Number(await dispositions.authorityNotificationDueAt(journeyId))).toBe(
        authorityNotificationDueAt(state, dispositionFlow.authorityNotificationSeconds) ?? 0,
      );
      for (const [gate, definition] of dispositionFlow.gates.entries()) {
        const checks = await releases.checks(journeyId, gate);
        const status = checks.find(({ kind }) => kind === DISPOSITION_CHECK)?.status;
        expect(status === undefined ? null : CHECK_STATUSES[Number(status)]).toBe(dispositionCheck(state, definition));
      }
    }
  }, 240_000);
});

async function outcomeOf(sent: Promise<unknown>): Promise<string> {
  try {
    await sent;
    return "done";
  } catch (error) {
    return revertName(error) ?? String(error);
  }
}
