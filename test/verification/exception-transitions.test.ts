import { Wallet, id, toBeHex } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import { EXCEPTION_STAGES, advanceException, newExceptionState } from "../../services/model/custody/exception-lifecycle.ts";
import type { ExceptionStage } from "../../services/model/custody/exception-lifecycle.ts";
import { rolesToBitmap } from "../../services/model/custody/roles.ts";
import type { Role } from "../../services/model/custody/roles.ts";
import { EXCEPTION_TRANSITION_TYPES, threadlineDomain } from "../../services/model/custody/typed-data.ts";
import { transitionProblems } from "../../services/verification/checks/exception-transitions.ts";
import type { HistoryException, HistoryTransition, JourneyHistory } from "../../services/verification/history.ts";
import { createHasher } from "../../services/verification/keccak.ts";
import { createSignerRecovery } from "../../services/verification/signer-recovery.ts";

const JOURNEY = id("journey");
const REGISTER = toBeHex(5, 20);
const CHAIN_ID = 31_337n;
const NOW = 1_800_000_000;
const PEOPLE = {
  assurance: { wallet: new Wallet(id("development key assurance")), roles: ["quality-assurance"] as Role[], index: 1 },
  qualified: { wallet: new Wallet(id("development key qualified")), roles: ["qualified-person"] as Role[], index: 2 },
  clinic: { wallet: new Wallet(id("development key clinic")), roles: ["treatment-centre"] as Role[], index: 3 },
};
type Person = keyof typeof PEOPLE;
type Step = readonly [ExceptionStage, Person];

let history: JourneyHistory;
beforeAll(async () => {
  const recovery = createSignerRecovery(await createHasher());
  const addresses = { exceptionRegister: REGISTER };
  history = { journeyId: JOURNEY, chainLog: { chainId: CHAIN_ID }, addresses, recovery } as unknown as JourneyHistory;
});

/** A history as the logs of a register that checks nothing would tell it: every signature is real. */
async function walk(steps: readonly Step[], change: (transition: HistoryTransition, place: number) => unknown = () => undefined) {
  let state = newExceptionState;
  const transitions: HistoryTransition[] = [];
  for (const [place, [to, person]] of steps.entries()) {
    const { wallet, roles, index } = PEOPLE[person];
    const signer = wallet.address.toLowerCase();
    const [from, next] = [EXCEPTION_STAGES.indexOf(state.stage), EXCEPTION_STAGES.indexOf(to)];
    const value = { journeyId: JOURNEY, number: 0, from, to: next, reasonHash: id(`reason ${place}`), signedAt: NOW };
    const signature = await wallet.signTypedData(threadlineDomain(CHAIN_ID, REGISTER), EXCEPTION_TRANSITION_TYPES, value);
    const log = { ...value, name: "ExceptionAdvanced", participant: index, signer, signature, blockNumber: 7 };
    const participant = { index, roles: rolesToBitmap(roles) };
    const transition = { log, before: state, participant } as unknown as HistoryTransition;
    change(transition, place);
    transitions.push(transition);
    state = advanceException(state, { to, signer });
  }
  return { log: { number: 0 }, transitions, state } as unknown as HistoryException;
}
const problems = (exception: HistoryException, recordedAt = NOW) => transitionProblems(history, exception, new Map([[7, recordedAt]]));

const RIGHT: readonly Step[] = [["classified", "assurance"], ["under-assessment", "assurance"], ["resolution-proposed", "assurance"], ["resolved", "qualified"], ["closed", "assurance"]];

describe("the verifier on an exception's transitions", () => {
  it("has nothing to say against the right way", async () => {
    expect(problems(await walk(RIGHT))).toEqual([]);
  });

  it("sees that who proposed also approved", async () => {
    const steps = RIGHT.map(([to]) => [to, "qualified"] as const).slice(0, 4);
    expect(problems(await walk(steps))).toEqual(["resolution-proposed to resolved: who proposed also decided"]);
  });

  it("sees a signer without the duty", async () => {
    const steps = [["classified", "clinic"], ...RIGHT.slice(1, 3), ["resolved", "clinic"]] as Step[];
    expect(problems(await walk(steps))).toEqual([
      "detected to classified: the signer has no duty that may do this",
      "resolution-proposed to resolved: the signer has no duty that may do this",
    ]);
  });

  it("sees a stage that was skipped", async () => {
    expect(problems(await walk([["resolved", "qualified"]]))).toEqual(["detected to resolved: one stage does not follow the other"]);
  });

  it("sees each part of a record that is not as it was signed", async () => {
    const changes: [string, Record<string, unknown>][] = [
      ["reasonHash", { reasonHash: id("another") }], ["signedAt", { signedAt: NOW - 1 }], ["number", { number: 1 }],
      ["signer", { signer: PEOPLE.clinic.wallet.address.toLowerCase() }], ["signature", { signature: `0x${"11".repeat(65)}` }],
    ];
    for (const [part, change] of changes) {
      const found = problems(await walk(RIGHT, ({ log }, place) => place === 0 && Object.assign(log, change)));
      expect([part, found[0]]).toEqual([part, "detected to classified: the signature is not the signer's"]);
    }
  });

  it("sees an account that was nobody's, a reason that was not given, and a signature kept or dated ahead", async () => {
    const nobody = await walk(RIGHT, (transition, place) => place === 1 && Object.assign(transition, { participant: null }));
    expect(problems(nobody)[0]).toMatch(/was no active account of participant 1$/);
    const unsaid = await walk(RIGHT, ({ log }, place) => place === 0 && Object.assign(log, { reasonHash: `0x${"00".repeat(32)}` }));
    expect(problems(unsaid)).toContain("detected to classified: no reason is given");
    for (const recordedAt of [NOW + 86_401, NOW - 301])
      expect(problems(await walk(RIGHT.slice(0, 1)), recordedAt)).toEqual(["detected to classified: it was not signed within a day before its record"]);
  });

  it("sees a signature that served twice", async () => {
    const once = await walk([...RIGHT.slice(0, 3), ["under-assessment", "qualified"], ["resolution-proposed", "assurance"]]);
    const [, , first, , second] = once.transitions;
    if (first === undefined || second === undefined) throw new Error("the walk is too short");
    Object.assign(second, { log: first.log });
    expect(problems(once)).toEqual(["under-assessment to resolution-proposed: its signature had served before"]);
  });
});
