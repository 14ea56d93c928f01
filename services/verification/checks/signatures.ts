import { counted } from "./check.ts";
import type { Check } from "./check.ts";

/** Every event was signed by an active account of the participant it names. */
export const signaturesCheck: Check = {
  name: "signatures",
  async run({ history }) {
    const problems = history.events.flatMap(({ log, signer, participant }) => {
      if (signer === null) return [`the signature of event ${log.sequence} recovers to no account`];
      if (participant === null)
        return [`event ${log.sequence} is signed by ${signer}, no active account of a participant at that time`];
      if (participant.index !== log.participant)
        return [`event ${log.sequence} names participant ${log.participant} but is signed for participant ${participant.index}`];
      return [];
    });
    return { problems, detail: `${counted(history.events.length, "signature")} of active accounts` };
  },
};
