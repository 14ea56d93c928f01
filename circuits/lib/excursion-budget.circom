pragma circom 2.1.6;

include "range.circom";

/// @title Adds a segment's excursion to the total before and asserts that the sum is within the budget.
/// @input totalBefore  22 bits, ticks; range-checked by the caller
/// @input addedTicks   ticks of this segment, below 2^17 by construction
/// @input budgetTicks  22 bits, ticks; range-checked by the caller
/// @output totalAfter  22 bits, ticks; at most the budget
/// NOTE: the sum is below 2^23, so the difference to the budget cannot wrap into 22 bits.
template ExcursionBudget() {
    signal input totalBefore;
    signal input addedTicks;
    signal input budgetTicks;
    signal output totalAfter;

    totalAfter <== totalBefore + addedTicks;

    component within = AssertAtMost(22);
    within.left <== totalAfter;
    within.right <== budgetTicks;
}
