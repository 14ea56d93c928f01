pragma circom 2.1.6;

include "../lib/difference.circom";
include "../lib/identity-commitment.circom";
include "../lib/range.circom";

/// @title identity-link: two commitments hide the same identity.
/// @notice Whoever made this proof knows a Chain of Identity identifier and a patient pseudonym that both commitments hide,
///         under different blindings. Neither is shown, and without the blindings nobody else can tell that the two
///         commitments belong together.
///
/// PUBLIC
/// @input context            253 bits: chain, contract, journey and step
/// @input identityCommitment the commitment the journey was opened with, see `IdentityCommitment`
/// @input linkedCommitment   the commitment made afresh from the label that was read
///
/// PRIVATE
/// @input coi             120 bits: the identifier's 15 ASCII characters
/// @input patient         248 bits: the patient's pseudonym, 0 when none is bound
/// @input blinding        248 bits, of the identity commitment
/// @input linkedBlinding  248 bits, of the linked commitment
/// @input inverseOfDifference field element: 1 / (blinding - linkedBlinding)
///
/// NOTE: not stated: that the identifier was read from the bag at hand (the label and the persons who sign for it say so);
///       that identityCommitment is the journey's (the contract compares).
template IdentityLink() {
    signal input context;
    signal input identityCommitment;
    signal input linkedCommitment;

    signal input coi;
    signal input patient;
    signal input blinding;
    signal input linkedBlinding;
    signal input inverseOfDifference;

    // 1. Every part is what it says: fifteen characters, a pseudonym of 31 bytes, blindings of 31 bytes.
    component coiRange = AssertBits(120);
    coiRange.value <== coi;
    component patientRange = AssertBits(248);
    patientRange.value <== patient;
    component blindingRange = AssertBits(248);
    blindingRange.value <== blinding;
    component linkedBlindingRange = AssertBits(248);
    linkedBlindingRange.value <== linkedBlinding;

    // 2. Both commitments hide the same identifier and pseudonym.
    component identity = IdentityCommitment();
    identity.coi <== coi;
    identity.patient <== patient;
    identity.blinding <== blinding;
    identityCommitment === identity.commitment;
    component linked = IdentityCommitment();
    linked.coi <== coi;
    linked.patient <== patient;
    linked.blinding <== linkedBlinding;
    linkedCommitment === linked.commitment;

    // 3. The blindings differ: the linked commitment is not the old one shown again.
    component different = AssertDifferent();
    different.left <== blinding;
    different.right <== linkedBlinding;
    different.inverse <== inverseOfDifference;

    // 4. The context is bound only by being public; squared, so that no compiler takes it for unused.
    signal contextSquared;
    contextSquared <== context * context;
}
