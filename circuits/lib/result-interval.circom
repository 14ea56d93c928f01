pragma circom 2.1.6;

include "range.circom";

/// @title Reads a laboratory's result as the interval of values it leaves open.
/// @notice "equal to v" is [v, v], "less than v" is [0, v], "greater than v" is [v, 2^64 - 1]. Values are scaled decimals
///         with an offset of 2^63, so 0 and 2^64 - 1 stand for "no lower end" and "no upper end".
/// @input value         64 bits, range-checked here
/// @input isLessThan    bit, range-checked here
/// @input isGreaterThan bit, range-checked here; never with isLessThan
/// @output low          64 bits: the least value that is possible
/// @output high         64 bits: the greatest value that is possible
template ResultInterval() {
    signal input value;
    signal input isLessThan;
    signal input isGreaterThan;
    signal output low;
    signal output high;

    component valueRange = AssertBits(64);
    valueRange.value <== value;
    component lessRange = AssertBit();
    lessRange.value <== isLessThan;
    component greaterRange = AssertBit();
    greaterRange.value <== isGreaterThan;
    isLessThan * isGreaterThan === 0;

    low <== value - isLessThan * value;
    high <== value + isGreaterThan * ((1 << 64) - 1 - value);
}
