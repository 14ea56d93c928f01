pragma circom 2.1.6;

/// @title Adds up the ticks of all intervals that count as excursion.
/// @notice The interval that ends at reading i counts when reading i - 1 or reading i is an excursion: between two
///         readings nobody looked, so an interval is good only if both its ends are.
/// @param readings number of readings
/// @input previousFlag bit: whether the last reading before this segment was an excursion
/// @input flag      bits: whether each reading is an excursion
/// @input stepTicks ticks since the previous reading; range-checked by the caller
/// @output totalTicks ticks in excursion within this segment, at most readings * 255
/// NOTE: flags and steps are bounded by the caller.
template ExcursionTotal(readings) {
    signal input previousFlag;
    signal input flag[readings];
    signal input stepTicks[readings];
    signal output totalTicks;

    signal bothGood[readings];
    signal counted[readings];
    var total = 0;
    for (var i = 0; i < readings; i++) {
        bothGood[i] <== (1 - (i == 0 ? previousFlag : flag[i == 0 ? 0 : i - 1])) * (1 - flag[i]);
        counted[i] <== stepTicks[i] * (1 - bothGood[i]);
        total += counted[i];
    }
    totalTicks <== total;
}
