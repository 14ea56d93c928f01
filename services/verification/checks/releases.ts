import { TypedDataEncoder, getBytes } from "ethers";
import { IDENTITY_CHECKS, legNumber, gateNumber, specificationNumber, stepNumber } from "../../model/custody/flow.ts";
import type { FlowDefinition } from "../../model/custody/flow.ts";
import type { DispositionState } from "../../model/custody/disposition.ts";
import { bitmapToRoles } from "../../model/custody/roles.ts";
import { RELEASE_DECISION_TYPES, threadlineDomain } from "../../model/custody/typed-data.ts";
import { isFreshSignature } from "../../model/custody/signing-time.ts";
import type { HistoryRelease, JourneyHistory } from "../history.ts";
import { NO_LEG, legCoverage } from "../leg-coverage.ts";
import { recoverBytesSignature } from "../signature-bytes.ts";
import { counted } from "./check.ts";
import type { Check } from "./check.ts";

/** Every release was signed, over the record as it stood, by a person with the gate's duty, when all its checks were met. */
export const releasesCheck: Check = {
  name: "releases",
  async run({ history }) {
    const problems = history.releases.flatMap((release) => {
      const name = history.flow.gates[release.log.gate]?.gate ?? String(release.log.gate);
      return releaseProblems(history, release).map((problem) => `gate ${name}: ${problem}`);
    });
    return { problems, detail: `${counted(history.releases.length, "release")} signed and justified` };
  },
};

/** What was wrong with one release at the moment it was made. */
export function releaseProblems(history: JourneyHistory, release: HistoryRelease): string[] {
  const { flow, journeyId } = history;
  const { log } = release;
  const gate = flow.gates[log.gate];
  if (gate === undefined) return [`the flow has no gate ${log.gate}`];
  const problems: string[] = [];
  const domain = threadlineDomain(history.chainLog.chainId, history.addresses.releaseRegister);
  const digest = TypedDataEncoder.hash(domain, RELEASE_DECISION_TYPES, {
    journeyId,
    gate: log.gate,
    head: log.head,
    signedAt: log.signedAt,
  });
  if (recoverBytesSignature(history.recovery, getBytes(digest), log.signature) !== log.signer)
    problems.push("the signature is not the signer's");
  if (!isFreshSignature(log.signedAt, log.releasedAt)) problems.push("it was not signed within a day before its record");
  if (log.head !== release.head) problems.push("the signed head is not the journey's head at that time");
  if (release.participant === null || release.participant.index !== log.participant)
    problems.push(`${log.signer} was no active account of participant ${log.participant}`);
  else if (!bitmapToRoles(release.participant.roles).some((role) => gate.roles.includes(role)))
    problems.push(`the signer has none of the duties ${gate.roles.join(", ")}`);
  if (gate.ownKey && history.registry.isHosted(log.signer))
    problems.push(`the gate asks for the signer's own key, and ${log.signer} is hosted by a node`);
  if (release.releasedGates.has(log.gate)) problems.push("it was released before");
  for (const step of gate.requiredSteps)
    if (!release.recordedSteps.has(stepNumber(flow, step))) problems.push(`step ${step} was not recorded`);
  for (const step of gate.requiredSteps) {
    const number = stepNumber(flow, step);
    const needed = IDENTITY_CHECKS.indexOf(flow.steps[number]?.identityCheck ?? "none");
    const checked = release.identityCheckers.get(number)?.size ?? 0;
    if (checked < needed) problems.push(`the identity was checked by ${checked} of ${counted(needed, "person")} at step ${step}`);
  }
  for (const other of gate.requiredGates)
    if (!release.releasedGates.has(gateNumber(flow, other)) && !isWaived(flow, other, release.disposition))
      problems.push(`gate ${other} was not released`);
  for (const leg of gate.requiredLegs) {
    const number = legNumber(flow, leg);
    const record = release.legs.get(number) ?? NO_LEG;
    const { status, reason } = legCoverage(flow, number, record, release.recordedSteps);
    if (status !== "compliant" && status !== "accepted") problems.push(`leg ${leg} was ${status}: ${reason}`);
    const equipment = release.equipment.statusOfLeg(flow, journeyId, number, release.recordedSteps);
    if (flow.legs[number]?.shipper === true && equipment !== "compliant" && equipment !== "completed")
      problems.push(`the shipper and lane of leg ${leg} were ${equipment}`);
  }
  for (const specification of gate.requiredSpecifications)
    if (!release.provenSpecifications.has(specificationNumber(flow, specification)))
      problems.push(`specification ${specification} was not proven`);
  if (release.openHolding > 0) problems.push(`${counted(release.openHolding, "critical or major exception")} open`);
  return problems;
}

/** A batch released out of specification goes without the gates that its flow waives for such. */
export function isWaived(flow: FlowDefinition, gate: string, disposition: DispositionState): boolean {
  return disposition.decision === "oos-exceptional-release" && flow.gates[gateNumber(flow, gate)]?.waivedByExceptionalRelease === true;
}
