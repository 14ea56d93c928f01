pragma circom 2.1.6;

/// @title Asserts that two field elements differ.
/// @notice Zero is the only element without an inverse: the prover shows the inverse of the difference.
/// @input left    field element
/// @input right   field element
/// @input inverse field element: 1 / (left - right), the only witness there is
template AssertDifferent() {
    signal input left;
    signal input right;
    signal input inverse;
    (left - right) * inverse === 1;
}
