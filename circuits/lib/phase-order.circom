pragma circom 2.1.6;

include "range.circom";

/// @title Asserts that every phase was completed, one after the other, before the signature.
/// @notice 1 <= startedAt[0] <= completedAt[0] <= startedAt[1] <= ... <= completedAt[last] <= signedAt. A phase without a
///         start or an end has the time 0 there and breaks the order; unused places repeat the time before.
///         The order is the range check too: the first time is in [1, 2^40], each step adds less than 2^40, so no sum
///         wraps, and all are at most signedAt, which is of 40 bits.
/// @param phases number of phases
/// @input startedAt   Unix seconds, 40 bits
/// @input completedAt Unix seconds, 40 bits
/// @input signedAt    Unix seconds, 40 bits; range-checked here
template PhaseOrder(phases) {
    signal input startedAt[phases];
    signal input completedAt[phases];
    signal input signedAt;

    component signedRange = AssertBits(40);
    signedRange.value <== signedAt;

    component started[phases];
    component completed[phases];
    for (var i = 0; i < phases; i++) {
        started[i] = AssertAtMost(40);
        if (i == 0) {
            started[i].left <== 1;
        } else {
            started[i].left <== completedAt[i - 1];
        }
        started[i].right <== startedAt[i];
        completed[i] = AssertAtMost(40);
        completed[i].left <== startedAt[i];
        completed[i].right <== completedAt[i];
    }
    component signed = AssertAtMost(40);
    signed.left <== completedAt[phases - 1];
    signed.right <== signedAt;
}
