pragma circom 2.1.6;

include "range.circom";

/// @title Asserts that a result meets its acceptance criterion, and is there when it is mandatory.
/// @notice A result meets [minimum, maximum] when every value it leaves open does: "less than 5" meets no minimum but the
///         open one, 0. A result that is there must meet its criterion, mandatory or not: no failed test is passed over
///         by calling it optional. The criterion [1, 0] of an unused place is met by no interval, so nothing can stand there.
/// @input minimum     64 bits, 0 = none; range-checked here
/// @input maximum     64 bits, 2^64 - 1 = none; range-checked here
/// @input isMandatory bit, range-checked here
/// @input low         64 bits, range-checked by the caller
/// @input high        64 bits, range-checked by the caller
/// @input isPresent   bit, range-checked here
/// NOTE: both sides of each difference are of 64 bits, so a difference that is negative does not wrap into 64 bits.
template AcceptanceCriterion() {
    signal input minimum;
    signal input maximum;
    signal input isMandatory;
    signal input low;
    signal input high;
    signal input isPresent;

    component minimumRange = AssertBits(64);
    minimumRange.value <== minimum;
    component maximumRange = AssertBits(64);
    maximumRange.value <== maximum;
    component mandatoryRange = AssertBit();
    mandatoryRange.value <== isMandatory;
    component presentRange = AssertBit();
    presentRange.value <== isPresent;

    isMandatory * (1 - isPresent) === 0;

    signal marginBelow;
    marginBelow <== isPresent * (low - minimum);
    component belowRange = AssertBits(64);
    belowRange.value <== marginBelow;

    signal marginAbove;
    marginAbove <== isPresent * (maximum - high);
    component aboveRange = AssertBits(64);
    aboveRange.value <== marginAbove;
}
