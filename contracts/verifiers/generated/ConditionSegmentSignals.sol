// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Places of the public signals of the circuit `condition-segment`.
/// @notice Generated from circuits/circuits.json by scripts/circuits/generate.ts; do not edit.
library ConditionSegmentSignals {
    uint256 internal constant COUNT = 6;
    /// @notice Order of the scalar field: every public signal must be below it.
    uint256 internal constant FIELD_ORDER =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 internal constant READINGS = 157;

    /// @notice Chain, contract, journey and leg: the top 253 bits of their Keccak-256.
    uint256 internal constant CONTEXT = 0;
    /// @notice Poseidon of the device's BabyJubJub public key.
    uint256 internal constant DEVICE_KEY_COMMITMENT = 1;
    /// @notice What is demanded and for when, packed low to high.
    uint256 internal constant TERMS = 2;
    /// @notice Commitment to the leg's totals before the segment.
    uint256 internal constant STATE_BEFORE = 3;
    /// @notice Commitment to the leg's totals after the segment.
    uint256 internal constant STATE_AFTER = 4;
    /// @notice What the device signed: context, start and readings, salted.
    uint256 internal constant READINGS_COMMITMENT = 5;

    /// @notice Thrown when a part of `terms` does not fit its bits.
    error ConditionSegmentSignalsTermsPartTooWide(uint256 part, uint256 bits);

    /// @notice What is demanded and for when, packed low to high.
    /// @param minimumCentikelvin 16 bits, centikelvin
    /// @param maximumCentikelvin 16 bits, centikelvin
    /// @param tiltLimitDegrees 8 bits, degrees, 255 = not monitored
    /// @param temperatureBudgetTicks 22 bits, ticks
    /// @param tiltBudgetTicks 22 bits, ticks
    /// @param longestGapTicks 8 bits, ticks
    /// @param fromTick 32 bits, ticks since the epoch
    /// @param toTick 32 bits, ticks since the epoch
    function terms(
        uint256 minimumCentikelvin,
        uint256 maximumCentikelvin,
        uint256 tiltLimitDegrees,
        uint256 temperatureBudgetTicks,
        uint256 tiltBudgetTicks,
        uint256 longestGapTicks,
        uint256 fromTick,
        uint256 toTick
    ) internal pure returns (uint256 packed) {
        packed = fit(minimumCentikelvin, 16);
        packed |= fit(maximumCentikelvin, 16) << 16;
        packed |= fit(tiltLimitDegrees, 8) << 32;
        packed |= fit(temperatureBudgetTicks, 22) << 40;
        packed |= fit(tiltBudgetTicks, 22) << 62;
        packed |= fit(longestGapTicks, 8) << 84;
        packed |= fit(fromTick, 32) << 92;
        packed |= fit(toTick, 32) << 124;
    }

    function fit(uint256 part, uint256 bits) private pure returns (uint256) {
        if (part >> bits != 0) revert ConditionSegmentSignalsTermsPartTooWide(part, bits);
        return part;
    }
}
