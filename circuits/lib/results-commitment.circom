pragma circom 2.1.6;

include "poseidon-chain.circom";

/// @title Commits to a laboratory's record of a batch: what the laboratory signs.
/// @notice Three results share a field element: value 64 | isLessThan 1 | isGreaterThan 1 | isPresent 1, 67 bits each.
///         Three phases share one: startedAt 40 | completedAt 40. Neither 201 nor 240 bits reach the field's order, so a packed
///         element has one reading only. Results and phases stand in the order of the specification, whose commitment is
///         signed with them: a result cannot be taken for another test's, nor under another version of its test.
///         The salt hides: without it, the few likely results could be tried out.
/// @param tests  number of tests
/// @param phases number of phases
/// @input context                 field element: chain, contract, journey and specification number
/// @input specificationCommitment field element
/// @input signedAt                40 bits, Unix seconds
/// @input salt                    field element, 248 random bits of the laboratory
/// @input value                   64 bits each
/// @input isLessThan              bits
/// @input isGreaterThan           bits
/// @input isPresent               bits
/// @input startedAt               40 bits each
/// @input completedAt             40 bits each
/// @output commitment Poseidon chain over all of them
/// NOTE: range checks of all parts are the caller's.
template ResultsCommitment(tests, phases) {
    signal input context;
    signal input specificationCommitment;
    signal input signedAt;
    signal input salt;
    signal input value[tests];
    signal input isLessThan[tests];
    signal input isGreaterThan[tests];
    signal input isPresent[tests];
    signal input startedAt[phases];
    signal input completedAt[phases];
    signal output commitment;

    var perElement = 3;
    var resultElements = (tests + perElement - 1) \ perElement;
    var phaseElements = (phases + perElement - 1) \ perElement;

    component chain = PoseidonChain(4 + resultElements + phaseElements);
    chain.elements[0] <== context;
    chain.elements[1] <== specificationCommitment;
    chain.elements[2] <== signedAt;
    chain.elements[3] <== salt;
    for (var e = 0; e < resultElements; e++) {
        var packed = 0;
        for (var k = 0; k < perElement; k++) {
            var i = e * perElement + k;
            if (i < tests) {
                packed += (value[i] + isLessThan[i] * (1 << 64) + isGreaterThan[i] * (1 << 65) + isPresent[i] * (1 << 66)) * (1 << (67 * k));
            }
        }
        chain.elements[4 + e] <== packed;
    }
    for (var e = 0; e < phaseElements; e++) {
        var packed = 0;
        for (var k = 0; k < perElement; k++) {
            var i = e * perElement + k;
            if (i < phases) {
                packed += (startedAt[i] + completedAt[i] * (1 << 40)) * (1 << (80 * k));
            }
        }
        chain.elements[4 + resultElements + e] <== packed;
    }
    commitment <== chain.out;
}
