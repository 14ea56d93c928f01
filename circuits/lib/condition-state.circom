pragma circom 2.1.6;

include "circomlib/circuits/poseidon.circom";

/// @title Commits to a leg's running totals.
/// @notice Poseidon over the packed state and a blinding: without the blinding the few likely totals could be tried out.
///         packed = temperatureTicks | tiltTicks << 22 | lastTemperatureOutside << 44 | lastTiltBeyond << 45.
///         A leg starts from packed 0 and blinding 0, a constant everyone knows.
/// @input temperatureTicks 22 bits: ticks out of the temperature band so far
/// @input tiltTicks        22 bits: ticks beyond the tilt limit so far
/// @input lastTemperatureOutside bit: whether the last reading was out of the band
/// @input lastTiltBeyond         bit: whether the last reading was beyond the tilt limit
/// @input blinding         field element, uniformly random
/// @output commitment      Poseidon(packed, blinding)
/// NOTE: the parts are range-checked by the caller, or the packing is not injective.
template ConditionState() {
    signal input temperatureTicks;
    signal input tiltTicks;
    signal input lastTemperatureOutside;
    signal input lastTiltBeyond;
    signal input blinding;
    signal output commitment;

    component hash = Poseidon(2);
    hash.inputs[0] <== temperatureTicks + tiltTicks * (1 << 22)
        + lastTemperatureOutside * (1 << 44) + lastTiltBeyond * (1 << 45);
    hash.inputs[1] <== blinding;
    commitment <== hash.out;
}
