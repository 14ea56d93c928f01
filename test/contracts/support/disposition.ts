import { id } from "ethers";
import {
  DISPOSITION_DECISION_TYPES,
  EXCEPTIONAL_RELEASE_STEP_TYPES,
  RECALL_ACKNOWLEDGEMENT_TYPES,
} from "../../../services/model/custody/disposition-typed-data.ts";
import { DISPOSITION_DECISIONS, EXCEPTIONAL_RELEASE_STEPS } from "../../../services/model/custody/disposition.ts";
import type { DispositionDecision, ExceptionalReleaseStep } from "../../../services/model/custody/disposition.ts";
import { flowSchema } from "../../../services/model/custody/flow.ts";
import { rolesToBitmap } from "../../../services/model/custody/roles.ts";
import { threadlineDomain } from "../../../services/model/custody/typed-data.ts";
import { developmentActor } from "./threadline.ts";
import type { Threadline } from "./threadline.ts";

/** A journey with nothing but a step, a certification that an exceptional release waives, and the release after it. */
export const dispositionFlow = flowSchema.parse({
  name: "disposition-test",
  version: 1,
  lateEntryToleranceSeconds: 86_400,
  handoverToleranceSeconds: 3_600,
  authorityNotificationSeconds: 7_200,
  profiles: [],
  steps: [{ step: "manufacture", title: "Manufacture", roles: ["manufacturing-site"], custody: "take" }],
  gates: [
    { gate: "certification", title: "Certification", roles: ["qualified-person"], requiredSteps: ["manufacture"], waivedByExceptionalRelease: true },
    { gate: "shipment", title: "Release for shipment", roles: ["qualified-person"], requiredGates: ["certification"] },
  ],
});

export const GATE = { certification: 0, shipment: 1 } as const;

export type DispositionPerson = keyof Threadline["actors"] | "assurance" | "otherClinic" | "stranger";
export type Disposition = Awaited<ReturnType<typeof openDisposition>>;

/** Registers more people beside the actors, and signs decisions, steps and acknowledgements for any of them. */
export async function openDisposition({ participants, dispositions, ledger, actors, addresses, chainId, now }: Threadline) {
  const others = {
    assurance: developmentActor("assurance", ["quality-assurance"]),
    otherClinic: developmentActor("other clinic", ["treatment-centre"]),
    stranger: developmentActor("stranger", ["payer"]),
  };
  for (const { participantId, roles, wallet } of Object.values(others))
    if ((await participants.participant(participantId)).index === 0n)
      await participants.register(participantId, rolesToBitmap(roles), wallet.address, false);
  const people = { ...actors, ...others };
  const domain = threadlineDomain(chainId, addresses.dispositionRegister);

  interface Values {
    journeyId?: string;
    number?: number | bigint;
    head?: string;
    reasonHash?: string;
    signedAt?: number;
  }
  let reasons = 0;

  async function filled(journeyId: string, values: Values) {
    reasons += 1;
    return {
      journeyId,
      number: await dispositions.nextNumber(journeyId),
      reasonHash: id(`reason ${reasons}`),
      signedAt: await now(),
      ...values,
    };
  }

  async function signDecision(person: DispositionPerson, journeyId: string, decision: DispositionDecision, values: Values = {}, change: object = {}) {
    const value = { ...(await filled(journeyId, values)), head: values.head ?? (await ledger.head(journeyId)), decision: DISPOSITION_DECISIONS.indexOf(decision) };
    const signature = await people[person].wallet.signTypedData({ ...domain, ...change }, DISPOSITION_DECISION_TYPES, value);
    return [journeyId, value.number, value.decision, value.head, value.reasonHash, value.signedAt, signature] as const;
  }

  async function signStep(person: DispositionPerson, journeyId: string, step: ExceptionalReleaseStep, values: Values = {}) {
    const { reasonHash: documentHash, ...rest } = await filled(journeyId, values);
    const value = { ...rest, documentHash, step: EXCEPTIONAL_RELEASE_STEPS.indexOf(step) };
    const signature = await people[person].wallet.signTypedData(domain, EXCEPTIONAL_RELEASE_STEP_TYPES, value);
    return [journeyId, value.number, value.step, documentHash, value.signedAt, signature] as const;
  }

  async function signAcknowledgement(person: DispositionPerson, journeyId: string, recalls: number) {
    const value = { journeyId, recalls, signedAt: await now() };
    const signature = await people[person].wallet.signTypedData(domain, RECALL_ACKNOWLEDGEMENT_TYPES, value);
    return [journeyId, recalls, value.signedAt, signature] as const;
  }

  return {
    people,
    domain,
    signDecision,
    signStep,
    decide: async (...args: Parameters<typeof signDecision>) => dispositions.decide(...(await signDecision(...args))),
    take: async (...args: Parameters<typeof signStep>) => dispositions.takeStep(...(await signStep(...args))),
    acknowledge: async (...args: Parameters<typeof signAcknowledgement>) =>
      dispositions.acknowledgeRecall(...(await signAcknowledgement(...args))),
  };
}
