pragma circom 2.1.6;

include "poseidon-chain.circom";

/// @title Commits to the readings of a segment, its context and its start: what the device signs.
/// @notice Seven readings share a field element: reading k of an element takes bits 33k..33k+32 as
///         temperature 17 | tilt 8 | step 8. Each part comes from a window of no more values than its slot has, so for
///         given terms a packed element has one reading only (a temperature's window may start below 0; a mixed radix
///         with digits from any window of consecutive integers is still unique), and 231 bits do not reach the field's order.
///         The salt hides: without it, a 16-bit temperature could be found by trying all.
/// @param readings number of readings
/// @input context  field element: chain, contract, journey and leg
/// @input fromTick 32 bits, ticks
/// @input salt     field element, 248 random bits of the device
/// @input temperatureCentikelvin 17-bit window, see `TemperatureBand`
/// @input tiltDegrees 8 bits
/// @input stepTicks   8 bits
/// @output commitment Poseidon chain over context, fromTick, salt and the packed readings
/// NOTE: range checks of all parts are the caller's.
template ReadingsCommitment(readings) {
    signal input context;
    signal input fromTick;
    signal input salt;
    signal input temperatureCentikelvin[readings];
    signal input tiltDegrees[readings];
    signal input stepTicks[readings];
    signal output commitment;

    var perElement = 7;
    var elements = (readings + perElement - 1) \ perElement;

    component chain = PoseidonChain(3 + elements);
    chain.elements[0] <== context;
    chain.elements[1] <== fromTick;
    chain.elements[2] <== salt;
    for (var e = 0; e < elements; e++) {
        var packed = 0;
        for (var k = 0; k < perElement; k++) {
            var i = e * perElement + k;
            if (i < readings) {
                packed += (temperatureCentikelvin[i] + tiltDegrees[i] * (1 << 17) + stepTicks[i] * (1 << 25)) * (1 << (33 * k));
            }
        }
        chain.elements[3 + e] <== packed;
    }
    commitment <== chain.out;
}
