import { profileToLedger } from "../condition/profile.ts";
import { CUSTODY_ACTIONS, IDENTITY_CHECKS, gateNumber, legNumber, specificationNumber, stepNumber } from "./flow.ts";
import type { FlowDefinition, FlowStep } from "./flow.ts";
import { rolesToBitmap } from "./roles.ts";

/** A flow as `FlowRegistry.register` takes it: names become numbers, sets become bitmaps. */
export function flowToLedger(flow: FlowDefinition) {
  const anchors = anchorSteps(flow);
  return {
    lateEntryToleranceSeconds: flow.lateEntryToleranceSeconds,
    handoverToleranceSeconds: flow.handoverToleranceSeconds,
    authorityNotificationSeconds: flow.authorityNotificationSeconds,
    steps: flow.steps.map((step) => stepToLedger(flow, step, anchors)),
    legs: flow.legs.map((leg) => ({
      startStep: stepNumber(flow, leg.from),
      endStep: stepNumber(flow, leg.to),
      profile: flow.profiles.findIndex((profile) => profile.name === leg.profile),
      shipper: leg.shipper,
    })),
    profiles: flow.profiles.map(profileToLedger),
    gates: flow.gates.map((gate) => ({
      requiredSteps: bitmap(gate.requiredSteps.map((step) => stepNumber(flow, step))),
      requiredLegs: Number(bitmap(gate.requiredLegs.map((leg) => legNumber(flow, leg)))),
      requiredGates: Number(bitmap(gate.requiredGates.map((other) => gateNumber(flow, other)))),
      roles: rolesToBitmap(gate.roles),
      requiredSpecifications: Number(bitmap(gate.requiredSpecifications.map((other) => specificationNumber(flow, other)))),
      ownKey: gate.ownKey,
      waivedByExceptionalRelease: gate.waivedByExceptionalRelease,
    })),
    specifications: flow.specifications.map((specification) => specification.documentHash),
  };
}

export type LedgerFlow = ReturnType<typeof flowToLedger>;

function stepToLedger(flow: FlowDefinition, step: FlowStep, anchors: ReadonlySet<string>) {
  const [first, second] = step.within;
  return {
    prerequisites: bitmap(step.after.map((other) => stepNumber(flow, other))),
    roles: rolesToBitmap(step.roles),
    custody: CUSTODY_ACTIONS.indexOf(step.custody),
    repeatable: step.repeatable,
    anchor: anchors.has(step.step),
    requiredGate: step.requiredGate === undefined ? 0 : gateNumber(flow, step.requiredGate) + 1,
    firstLimitAnchor: first === undefined ? 0 : stepNumber(flow, first.of) + 1,
    firstLimitSeconds: first?.seconds ?? 0,
    secondLimitAnchor: second === undefined ? 0 : stepNumber(flow, second.of) + 1,
    secondLimitSeconds: second?.seconds ?? 0,
    identityCheckPersons: IDENTITY_CHECKS.indexOf(step.identityCheck),
  };
}

/** Steps whose time another rule needs: the only ones whose time the ledger keeps in storage. */
export function anchorSteps(flow: FlowDefinition): Set<string> {
  return new Set([
    ...flow.steps.flatMap((step) => step.within.map((limit) => limit.of)),
    ...flow.legs.flatMap((leg) => [leg.from, leg.to]),
  ]);
}

function bitmap(places: number[]): bigint {
  return places.reduce((bits, place) => bits | (1n << BigInt(place)), 0n);
}
