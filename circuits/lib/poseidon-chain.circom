pragma circom 2.1.6;

include "circomlib/circuits/poseidon.circom";

/// @title Hashes a fixed number of field elements with as few and as wide Poseidon permutations as do it.
/// @notice The first hash takes up to 16 elements, each further one the hash before and up to 15 more. circomlib's
///         Poseidon is defined up to 16 inputs. The length is a compile-time constant, so no length needs encoding.
/// @param length number of elements, at least 1
/// @input elements field elements
/// @output out     the last hash
template PoseidonChain(length) {
    signal input elements[length];
    signal output out;

    var hashes = length <= 16 ? 1 : 1 + (length - 16 + 14) \ 15;
    component hash[hashes];
    var position = 0;
    for (var k = 0; k < hashes; k++) {
        var carried = k == 0 ? 0 : 1;
        var remaining = length - position;
        var taken = remaining < 16 - carried ? remaining : 16 - carried;
        hash[k] = Poseidon(taken + carried);
        if (k > 0) {
            hash[k].inputs[0] <== hash[k - 1].out;
        }
        for (var i = 0; i < taken; i++) {
            hash[k].inputs[carried + i] <== elements[position + i];
        }
        position += taken;
    }
    out <== hash[hashes - 1].out;
}
