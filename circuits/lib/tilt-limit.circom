pragma circom 2.1.6;

include "range.circom";

/// @title Tells whether one tilt is beyond the limit.
/// @notice The code 255 stands for "not measured" in a reading and for "not monitored" as limit. A tilt not measured is
///         beyond every real limit (missing data is an exception), and nothing is beyond the limit 255.
/// @input tilt      8 bits, degrees from vertical; 0..180, 255 = not measured; range-checked here
/// @input limit     8 bits, degrees; 0..180, 255 = not monitored; range-checked by the caller
/// @output isBeyond 1 when tilt > limit, else 0
/// NOTE: 181..254 are not refused; they are beyond every limit a profile may set.
template TiltLimit() {
    signal input tilt;
    signal input limit;
    signal output isBeyond;

    component range = AssertBits(8);
    range.value <== tilt;

    component comparison = WindowedLessThan(8);
    comparison.left <== limit;
    comparison.right <== tilt;
    isBeyond <== comparison.out;
}
