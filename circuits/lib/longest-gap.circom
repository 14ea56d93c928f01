pragma circom 2.1.6;

include "range.circom";

/// @title Asserts that every step is an integer in [0, longestGap].
/// @notice Two 8-bit range checks a reading would do it for 16 constraints; this does it for 9. Let M be the all-ones
///         number below the top bit of the limit U (M = 2^floor(log2 U) - 1). Then M <= U <= 2M + 1, so [0, U] is
///         exactly the union of [0, M] and [U - M, U]: a step is within the limit if and only if the step, or the
///         step less (U - M), is within [0, M]. The prover says which with one bit; either answer is sound.
///         [0, M] is checked with seven bits a reading, and per bit position (not per reading) that the bits above M
///         are zero in all readings at once.
/// @param readings number of readings
/// @input longestGapTicks 8 bits, ticks: the limit; range-checked here
/// @input stepTicks ticks since the previous reading, one per reading
/// @input stepIsHigh one bit per reading: 1 when the second interval is used; range-checked here
/// NOTE: for a step in both intervals either bit is a witness; no output depends on the choice.
template LongestGap(readings) {
    signal input longestGapTicks;
    signal input stepTicks[readings];
    signal input stepIsHigh[readings];

    // 1. Bits of the limit; mask[j] = 1 for every position j below the top bit.
    component limit = ToBits(8);
    limit.value <== longestGapTicks;
    signal mask[7];
    mask[6] <== limit.out[7];
    for (var j = 5; j >= 0; j--) {
        mask[j] <== mask[j + 1] + limit.out[j + 1] - mask[j + 1] * limit.out[j + 1];
    }
    var lowMaximum = 0;
    for (var j = 0; j < 7; j++) {
        lowMaximum += mask[j] * (1 << j);
    }
    signal offset;
    offset <== longestGapTicks - lowMaximum;

    // 2. Every step, less the offset when it is high, is of seven bits.
    component isHigh[readings];
    component low[readings];
    signal high[readings];
    var used[7];
    for (var j = 0; j < 7; j++) {
        used[j] = 0;
    }
    for (var i = 0; i < readings; i++) {
        isHigh[i] = AssertBit();
        isHigh[i].value <== stepIsHigh[i];
        high[i] <== stepIsHigh[i] * offset;
        low[i] = ToBits(7);
        low[i].value <== stepTicks[i] - high[i];
        for (var j = 0; j < 7; j++) {
            used[j] += low[i].out[j];
        }
    }

    // 3. No reading uses a bit above M: a sum of bits is zero only if each is, as it cannot wrap.
    signal usedAtPosition[7];
    for (var j = 0; j < 7; j++) {
        usedAtPosition[j] <== used[j];
        usedAtPosition[j] * (1 - mask[j]) === 0;
    }
}
