pragma circom 2.1.6;

include "poseidon-chain.circom";

/// @title Commits to a specification: its whole document and, in the document's order, its acceptance criteria.
/// @notice The digest of the document binds every test with its unit, decimals and kind, every phase and their order; the
///         criteria follow in the form the circuit judges: minimum 64 | maximum 64 | mandatory 1, an element each.
/// @param tests number of tests; unused places have the criterion [1, 0], which nothing meets
/// @input documentDigest 253 bits: top of the Keccak-256 of the canonical document
/// @input minimum        64 bits each
/// @input maximum        64 bits each
/// @input isMandatory    bits
/// @output commitment    Poseidon chain over the digest and the packed criteria
/// NOTE: range checks of the criteria are the caller's. That the criteria are the document's is for whoever registers the
///       commitment to show: it can be computed again from the document.
template SpecificationCommitment(tests) {
    signal input documentDigest;
    signal input minimum[tests];
    signal input maximum[tests];
    signal input isMandatory[tests];
    signal output commitment;

    component chain = PoseidonChain(1 + tests);
    chain.elements[0] <== documentDigest;
    for (var i = 0; i < tests; i++) {
        chain.elements[1 + i] <== minimum[i] + maximum[i] * (1 << 64) + isMandatory[i] * (1 << 128);
    }
    commitment <== chain.out;
}
