pragma circom 2.1.6;

include "range.circom";

/// @title Tells whether one temperature is outside the band [minimum, maximum].
/// @notice The two comparisons are also the range check: they leave a witness only for temperatures in
///         [maximum - 2^16 + 1, minimum + 2^16 - 1], a window of fewer than 2^17 values that holds every unsigned
///         16-bit temperature. What the window holds beyond 16 bits lies below every minimum or above every maximum
///         and is an excursion, so p - 1 is out of band or has no witness, and never in band.
/// @input temperature 17-bit window, centikelvin: the measured temperature
/// @input minimum     16 bits, centikelvin: lowest allowed, range-checked by the caller
/// @input maximum     16 bits, centikelvin: highest allowed, range-checked by the caller, minimum <= maximum
/// @output isOutside  1 when temperature < minimum or temperature > maximum, else 0
/// NOTE: does not bound the temperature to 16 bits; the packing of readings gives it a slot of 17.
template TemperatureBand() {
    signal input temperature;
    signal input minimum;
    signal input maximum;
    signal output isOutside;

    component below = WindowedLessThan(16);
    below.left <== temperature;
    below.right <== minimum;

    component above = WindowedLessThan(16);
    above.left <== maximum;
    above.right <== temperature;

    // Never both, as minimum <= maximum: the sum is a bit.
    isOutside <== below.out + above.out;
}
