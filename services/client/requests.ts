import type { ExceptionStage } from "../model/custody/exception-lifecycle.ts";
import type { DispositionDecision, ExceptionalReleaseStep } from "../model/custody/index.ts";
import type { AccessScope } from "../model/privacy/access.ts";

/** What a signer wants to do, by names as people use them. */
export type SigningRequest =
  | { act: "release"; gate: string }
  | { act: "exception-transition"; number: number; to: ExceptionStage; reason: string }
  | { act: "disposition"; decision: Exclude<DispositionDecision, "none">; reason: string }
  | { act: "exceptional-release-step"; step: ExceptionalReleaseStep; reason: string }
  | { act: "recall-acknowledgement"; recalls: number }
  | { act: "interval-acceptance"; leg: string; exceptionNumber: number }
  | { act: "equipment-acceptance"; leg: string; exceptionNumber: number }
  /** A check begun by the signer's own scan: at this step, of a label that showed this Chain of Identity. */
  | { act: "identity-check"; linkedCommitment: string; step: string; chainOfIdentity: string }
  /** `keyThumbprint` of the recipient's key, where the signer has it from the recipient: then no other key is signed for. */
  | { act: "access-grant"; recipient: string; scopes: AccessScope[]; keyThumbprint?: string | undefined }
  | { act: "access-revocation"; grantId: string }
  /** An EPCIS 2.0 document of one journey. */
  | { act: "custody-event"; document: Record<string, unknown> };

export type RequestOf<A extends SigningRequest["act"]> = Extract<SigningRequest, { act: A }>;

/** Random values that the signer chooses, so that nobody else knows or repeats them; 32 bytes hexadecimal each. */
export interface Chosen {
  reasonSalt: string;
  grantId: string;
  /** One for each event of a document. */
  salts: string[];
}
