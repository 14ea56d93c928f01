import { id } from "ethers";
import { EXCEPTION_STAGES } from "../../../services/model/custody/exception-lifecycle.ts";
import type { ExceptionStage } from "../../../services/model/custody/exception-lifecycle.ts";
import { rolesToBitmap } from "../../../services/model/custody/roles.ts";
import { EXCEPTION_TRANSITION_TYPES, threadlineDomain } from "../../../services/model/custody/typed-data.ts";
import { developmentActor } from "./threadline.ts";
import type { Threadline } from "./threadline.ts";

export const stageNumber = (stage: ExceptionStage) => EXCEPTION_STAGES.indexOf(stage);

export type QualityPerson = keyof Threadline["actors"] | "assurance" | "approver";
export type Quality = Awaited<ReturnType<typeof openQuality>>;

export interface Transition {
  journeyId: string;
  number: number;
  to: ExceptionStage;
  person: QualityPerson;
  from?: ExceptionStage;
  reasonHash?: string;
  signedAt?: number;
}

/** The shortest way from `detected` to an approval, each stage with who signs it. */
export function wayTo(outcome: "resolved" | "accepted"): [ExceptionStage, QualityPerson][] {
  const proposal = outcome === "resolved" ? "resolution-proposed" : "acceptance-proposed";
  return [["classified", "assurance"], ["under-assessment", "assurance"], [proposal, "assurance"], [outcome, "quality"]];
}

/** Registers quality assurance and a second qualified person beside the actors, and lets any of them sign transitions. */
export async function openQuality({ participants, exceptions, actors, addresses, chainId, now }: Threadline) {
  const assurance = developmentActor("assurance", ["quality-assurance"]);
  const approver = developmentActor("approver", ["qualified-person"]);
  for (const { participantId, roles, wallet } of [assurance, approver]) {
    await participants.register(participantId, rolesToBitmap(roles), wallet.address, false);
  }
  const people = { ...actors, assurance, approver };
  const domain = threadlineDomain(chainId, addresses.exceptionRegister);

  /** A transition as `ExceptionRegister.advance` takes it; from the present stage unless told otherwise. */
  async function sign({ person, ...wanted }: Transition, signingDomain: object = {}) {
    const { journeyId, number } = wanted;
    const from = wanted.from === undefined ? (await exceptions.exceptionAt(journeyId, number)).stage : BigInt(stageNumber(wanted.from));
    const signedAt = wanted.signedAt ?? (await now());
    const reasonHash = wanted.reasonHash ?? id(`reason ${signedAt}`);
    const to = stageNumber(wanted.to);
    const signature = await people[person].wallet.signTypedData({ ...domain, ...signingDomain }, EXCEPTION_TRANSITION_TYPES, {
      journeyId, number, from, to, reasonHash, signedAt,
    });
    return [journeyId, number, to, reasonHash, signedAt, signature] as const;
  }

  return { people, domain, sign, advance: async (transition: Transition) => exceptions.advance(...(await sign(transition))) };
}
