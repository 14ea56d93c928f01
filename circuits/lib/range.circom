pragma circom 2.1.6;

include "circomlib/circuits/bitify.circom";

// The only file that may name a bare bit decomposition: a comparator over the field accepts p - 1 as a small number
// unless its operands are bounded first, so every comparison of the statement goes through a template of this file.

/// @title Asserts that a value is an unsigned integer of `bits` bits.
/// @param bits width, at most 252, so that the decomposition is the only one below the field's order.
/// @input value the value
template AssertBits(bits) {
    assert(bits <= 252);
    signal input value;

    component decomposition = Num2Bits(bits);
    decomposition.in <== value;
}

/// @title Splits an unsigned integer of `bits` bits, low bit first.
/// @param bits width, at most 252
/// @input value the value
/// @output out its bits
template ToBits(bits) {
    assert(bits <= 252);
    signal input value;
    signal output out[bits];

    component decomposition = Num2Bits(bits);
    decomposition.in <== value;
    out <== decomposition.out;
}

/// @title Asserts that a value is 0 or 1.
/// @input value the value
template AssertBit() {
    signal input value;
    value * (value - 1) === 0;
}

/// @title Tells whether `left < right`, and bounds their difference.
/// @notice There is a witness only if `left - right` is in [-2^bits, 2^bits). One operand known to be of `bits` bits
///         therefore bounds the other as well: a left side of p - 1 is -1 and comes out as smaller.
/// @param bits width of the honest operands
/// @input left  the left side
/// @input right the right side, range-checked by the caller
/// @output out  1 when left < right, else 0
/// NOTE: does not by itself bound `left` to `bits` bits; callers say which window remains and why it is harmless.
template WindowedLessThan(bits) {
    assert(bits <= 251);
    signal input left;
    signal input right;
    signal output out;

    component decomposition = Num2Bits(bits + 1);
    decomposition.in <== left - right + (1 << bits);
    out <== 1 - decomposition.out[bits];
}

/// @title Asserts `left <= right`, where both are unsigned integers of `bits` bits.
/// @param bits width of both sides, range-checked by the caller
/// @input left  the left side
/// @input right the right side
template AssertAtMost(bits) {
    signal input left;
    signal input right;

    component difference = AssertBits(bits);
    difference.value <== right - left;
}
