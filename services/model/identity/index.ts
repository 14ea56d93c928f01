export type { ApplicationIdentifier } from "./application-identifiers.ts";
export { APPLICATION_IDENTIFIERS, leadingApplicationIdentifier } from "./application-identifiers.ts";
export { checkCharacter, checkValue } from "./check-character.ts";
export { checkDigit, checkDigitFault } from "./check-digit.ts";
export { canonicalDigitalLink, canonicalEpc, encodePathValue, epcsOf, parseDigitalLink } from "./digital-link.ts";
export type { NewCoiIdentifier, SequenceSource } from "./coi-generator.ts";
export { generateCoiIdentifier } from "./coi-generator.ts";
export type { Elements } from "./element-string.ts";
export {
  checkElements,
  formatBracketedElementString,
  formatElementString,
  GROUP_SEPARATOR,
  parseBracketedElementString,
  parseElementString,
} from "./element-string.ts";
export { epcUrnToDigitalLink } from "./epc-urn.ts";
export type { Gs1Form, Gs1Key } from "./gs1-key.ts";
export { formatGs1Key, parseGs1Key } from "./gs1-key.ts";
export type { Grai, Sgtin } from "./gs1-keys.ts";
export {
  formatGrai,
  formatSgtin,
  parseGiai,
  parseGln,
  parseGrai,
  parseGsrn,
  parseGtin,
  parseSgtin,
  parseSscc,
  required,
  withCheckDigit,
} from "./gs1-keys.ts";
export type { IdentityOpening } from "./identity-commitment.ts";
export { assertBlinding, blindingFromBytes, coiToNumber, commitmentToBytes32, identityCommitment, patientToNumber } from "./identity-commitment.ts";
export type { IdentityLinkContextParts, IdentityLinkStatement } from "./identity-link.ts";
export { identityLinkContext, identityLinkInputs, identityLinkPublicSignals } from "./identity-link.ts";
export type { CoiIdentifier, DonationIdentificationNumber, IsbtForm } from "./isbt128.ts";
export {
  formatCoiIdentifier,
  formatDonationIdentificationNumber,
  parseCoiIdentifier,
  parseDonationIdentificationNumber,
} from "./isbt128.ts";
export type { CoiLabel, DinLabel, Gs1Label, LabelResult, ParsedLabel } from "./label.ts";
export { parseLabel } from "./label.ts";
export type { LabelContent } from "./label-content.ts";
export { containerEpc, identityAndVersionOf, labelContentSchema, labelElements, LARGEST_LABEL_VERSION } from "./label-content.ts";
export type { LabelCount, LabelDifference, LabelReconciliation } from "./label-reconciliation.ts";
export { reconcileLabels } from "./label-reconciliation.ts";
export type { LabelStatement } from "./label-statements.ts";
export { AUTOLOGOUS_STATEMENT, LABEL_STATEMENTS } from "./label-statements.ts";
export type { LabelLine, LabelText } from "./label-text.ts";
export { labelText } from "./label-text.ts";
export type { ExpectedIdentity, LabelMatch } from "./match-label.ts";
export { matchLabel } from "./match-label.ts";
export type { PersonalData } from "./personal-data.ts";
export { personalDataFault, personalTextFault, readsAsDate } from "./personal-data.ts";
export type { PrintedLabel, PrintedLabelVerdict } from "./printed-label.ts";
export { judgePrintedLabel } from "./printed-label.ts";
export type { ParseFailure, ParseResult } from "./result.ts";
export type { SingleEuropeanCode } from "./single-european-code.ts";
export { formatSingleEuropeanCode, parseSingleEuropeanCode } from "./single-european-code.ts";
export type { IdentityLinkSignals } from "./signals.generated.ts";
export { IDENTITY_LINK } from "./signals.generated.ts";
