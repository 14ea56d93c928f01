pragma circom 2.1.6;

include "range.circom";

/// @title Packs what is demanded and for when into one public signal.
/// @notice One signal instead of eight: each public signal costs some 7,000 gas to verify. Every part is range-checked,
///         so a packed value has one reading only and the contract's own packing of the registered profile is the
///         only one that verifies.
///         Low to high: minimumCentikelvin 16 | maximumCentikelvin 16 | tiltLimitDegrees 8 | temperatureBudgetTicks 22
///         | tiltBudgetTicks 22 | longestGapTicks 8 | fromTick 32 | toTick 32.
/// @input minimumCentikelvin     16 bits, at most the maximum
/// @input maximumCentikelvin     16 bits
/// @input tiltLimitDegrees       8 bits, 255 = not monitored
/// @input temperatureBudgetTicks 22 bits
/// @input tiltBudgetTicks        22 bits
/// @input longestGapTicks        8 bits; range-checked by `LongestGap`
/// @input fromTick               32 bits
/// @input toTick                 32 bits
/// @output terms                 156 bits
template ConditionTerms() {
    signal input minimumCentikelvin;
    signal input maximumCentikelvin;
    signal input tiltLimitDegrees;
    signal input temperatureBudgetTicks;
    signal input tiltBudgetTicks;
    signal input longestGapTicks;
    signal input fromTick;
    signal input toTick;
    signal output terms;

    component minimumRange = AssertBits(16);
    minimumRange.value <== minimumCentikelvin;
    component maximumRange = AssertBits(16);
    maximumRange.value <== maximumCentikelvin;
    component order = AssertAtMost(16);
    order.left <== minimumCentikelvin;
    order.right <== maximumCentikelvin;
    component tiltRange = AssertBits(8);
    tiltRange.value <== tiltLimitDegrees;
    component temperatureBudgetRange = AssertBits(22);
    temperatureBudgetRange.value <== temperatureBudgetTicks;
    component tiltBudgetRange = AssertBits(22);
    tiltBudgetRange.value <== tiltBudgetTicks;
    component fromRange = AssertBits(32);
    fromRange.value <== fromTick;
    component toRange = AssertBits(32);
    toRange.value <== toTick;

    terms <== minimumCentikelvin
        + maximumCentikelvin * (1 << 16)
        + tiltLimitDegrees * (1 << 32)
        + temperatureBudgetTicks * (1 << 40)
        + tiltBudgetTicks * (1 << 62)
        + longestGapTicks * (1 << 84)
        + fromTick * (1 << 92)
        + toTick * (1 << 124);
}
