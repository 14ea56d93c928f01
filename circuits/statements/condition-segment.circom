pragma circom 2.1.6;

include "../lib/condition-state.circom";
include "../lib/condition-terms.circom";
include "../lib/device-signature.circom";
include "../lib/excursion-budget.circom";
include "../lib/excursion-total.circom";
include "../lib/longest-gap.circom";
include "../lib/range.circom";
include "../lib/readings-commitment.circom";
include "../lib/temperature-band.circom";
include "../lib/tilt-limit.circom";

/// @title condition-segment: signed readings kept the profile.
/// @notice This device signed these readings for this context; they run from `fromTick` to `toTick` with no gap over the
///         limit; they continue the state before; and the ticks out of the temperature band and beyond the tilt limit,
///         added to those before, stay within the budgets. Readings and totals stay private.
///         A tick is the profile's time unit: tick = floor(unix seconds / unit), unit = ceil(longest gap / 255) seconds.
/// @param readings readings per segment; unused places repeat the last reading with step 0.
///
/// PUBLIC
/// @input context             253 bits: chain, contract, journey and leg
/// @input deviceKeyCommitment Poseidon of the device's public key
/// @input terms               156 bits: profile, from and to, see `ConditionTerms`
/// @input stateBefore         commitment to the totals before, see `ConditionState`
/// @input stateAfter          commitment to the totals after
/// @input readingsCommitment  what the device signed, see `ReadingsCommitment`
///
/// PRIVATE
/// @input temperatureCentikelvin 16 bits each
/// @input tiltDegrees            8 bits each, 255 = not measured
/// @input stepTicks              8 bits each, ticks since the previous reading
/// @input stepIsHigh             bits, see `LongestGap`
/// @input salt                   248 bits, the device's
/// @input publicKey, signatureR, signatureS the device's key and signature
/// @input minimumCentikelvin .. fromTick the parts of `terms`
/// @input temperatureTicksBefore, tiltTicksBefore 22 bits each
/// @input lastTemperatureOutsideBefore, lastTiltBeyondBefore bits
/// @input blindingBefore, blindingAfter field elements
///
/// NOTE: not stated: that the sensor told the truth; that the first step of a leg is 0 (the contract judges `fromTick`);
///       that stateBefore is the commitment last recorded, or that the terms are the registered ones (the contract compares).
template ConditionSegment(readings) {
    signal input context;
    signal input deviceKeyCommitment;
    signal input terms;
    signal input stateBefore;
    signal input stateAfter;
    signal input readingsCommitment;

    signal input temperatureCentikelvin[readings];
    signal input tiltDegrees[readings];
    signal input stepTicks[readings];
    signal input stepIsHigh[readings];
    signal input salt;
    signal input publicKey[2];
    signal input signatureR[2];
    signal input signatureS;
    signal input minimumCentikelvin;
    signal input maximumCentikelvin;
    signal input tiltLimitDegrees;
    signal input temperatureBudgetTicks;
    signal input tiltBudgetTicks;
    signal input longestGapTicks;
    signal input fromTick;
    signal input temperatureTicksBefore;
    signal input tiltTicksBefore;
    signal input lastTemperatureOutsideBefore;
    signal input lastTiltBeyondBefore;
    signal input blindingBefore;
    signal input blindingAfter;

    // 1. Steps: each within [0, longest gap]; the segment ends at the sum of them.
    component gaps = LongestGap(readings);
    gaps.longestGapTicks <== longestGapTicks;
    gaps.stepTicks <== stepTicks;
    gaps.stepIsHigh <== stepIsHigh;
    var elapsedTicks = 0;
    for (var i = 0; i < readings; i++) {
        elapsedTicks += stepTicks[i];
    }

    // 2. Terms: every part range-checked and packed.
    component packedTerms = ConditionTerms();
    packedTerms.minimumCentikelvin <== minimumCentikelvin;
    packedTerms.maximumCentikelvin <== maximumCentikelvin;
    packedTerms.tiltLimitDegrees <== tiltLimitDegrees;
    packedTerms.temperatureBudgetTicks <== temperatureBudgetTicks;
    packedTerms.tiltBudgetTicks <== tiltBudgetTicks;
    packedTerms.longestGapTicks <== longestGapTicks;
    packedTerms.fromTick <== fromTick;
    packedTerms.toTick <== fromTick + elapsedTicks;
    terms === packedTerms.terms;

    // 3. Signature: the device signed the context, the start and the readings.
    component commitment = ReadingsCommitment(readings);
    commitment.context <== context;
    commitment.fromTick <== fromTick;
    commitment.salt <== salt;
    commitment.temperatureCentikelvin <== temperatureCentikelvin;
    commitment.tiltDegrees <== tiltDegrees;
    commitment.stepTicks <== stepTicks;
    readingsCommitment === commitment.commitment;

    component signature = DeviceSignature();
    signature.publicKey <== publicKey;
    signature.signatureR <== signatureR;
    signature.signatureS <== signatureS;
    signature.message <== commitment.commitment;
    deviceKeyCommitment === signature.keyCommitment;

    // 4. Each reading against the band and the tilt limit.
    component band[readings];
    component tilt[readings];
    for (var i = 0; i < readings; i++) {
        band[i] = TemperatureBand();
        band[i].temperature <== temperatureCentikelvin[i];
        band[i].minimum <== minimumCentikelvin;
        band[i].maximum <== maximumCentikelvin;
        tilt[i] = TiltLimit();
        tilt[i].tilt <== tiltDegrees[i];
        tilt[i].limit <== tiltLimitDegrees;
    }

    // 5. The state before.
    component temperatureTicksRange = AssertBits(22);
    temperatureTicksRange.value <== temperatureTicksBefore;
    component tiltTicksRange = AssertBits(22);
    tiltTicksRange.value <== tiltTicksBefore;
    component lastTemperatureRange = AssertBit();
    lastTemperatureRange.value <== lastTemperatureOutsideBefore;
    component lastTiltRange = AssertBit();
    lastTiltRange.value <== lastTiltBeyondBefore;
    component before = ConditionState();
    before.temperatureTicks <== temperatureTicksBefore;
    before.tiltTicks <== tiltTicksBefore;
    before.lastTemperatureOutside <== lastTemperatureOutsideBefore;
    before.lastTiltBeyond <== lastTiltBeyondBefore;
    before.blinding <== blindingBefore;
    stateBefore === before.commitment;

    // 6. Excursions of this segment, added to those before and held against the budgets.
    component temperatureTotal = ExcursionTotal(readings);
    temperatureTotal.previousFlag <== lastTemperatureOutsideBefore;
    component tiltTotal = ExcursionTotal(readings);
    tiltTotal.previousFlag <== lastTiltBeyondBefore;
    for (var i = 0; i < readings; i++) {
        temperatureTotal.flag[i] <== band[i].isOutside;
        temperatureTotal.stepTicks[i] <== stepTicks[i];
        tiltTotal.flag[i] <== tilt[i].isBeyond;
        tiltTotal.stepTicks[i] <== stepTicks[i];
    }
    component temperatureBudget = ExcursionBudget();
    temperatureBudget.totalBefore <== temperatureTicksBefore;
    temperatureBudget.addedTicks <== temperatureTotal.totalTicks;
    temperatureBudget.budgetTicks <== temperatureBudgetTicks;
    component tiltBudget = ExcursionBudget();
    tiltBudget.totalBefore <== tiltTicksBefore;
    tiltBudget.addedTicks <== tiltTotal.totalTicks;
    tiltBudget.budgetTicks <== tiltBudgetTicks;

    // 7. The state after.
    component after = ConditionState();
    after.temperatureTicks <== temperatureBudget.totalAfter;
    after.tiltTicks <== tiltBudget.totalAfter;
    after.lastTemperatureOutside <== band[readings - 1].isOutside;
    after.lastTiltBeyond <== tilt[readings - 1].isBeyond;
    after.blinding <== blindingAfter;
    stateAfter === after.commitment;
}
