pragma circom 2.1.6;

include "circomlib/circuits/poseidon.circom";

/// @title Commits to a Chain of Identity identifier and a patient pseudonym.
/// @notice Poseidon over both and a blinding: an identifier has few unknown characters and could be tried out without it.
/// @input coi        120 bits: the 15 ASCII characters of the identifier, first character highest
/// @input patient    248 bits: the patient's pseudonym, 0 when none is bound
/// @input blinding   248 bits, uniformly random
/// @output commitment Poseidon(coi, patient, blinding)
/// NOTE: range checks are the caller's; the commitment binds without them, each input being an element of its own.
template IdentityCommitment() {
    signal input coi;
    signal input patient;
    signal input blinding;
    signal output commitment;

    component hash = Poseidon(3);
    hash.inputs[0] <== coi;
    hash.inputs[1] <== patient;
    hash.inputs[2] <== blinding;
    commitment <== hash.out;
}
