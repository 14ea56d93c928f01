// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFlowRegistry} from "../interfaces/IFlowRegistry.sol";
import {ConditionSegmentSignals} from "../verifiers/generated/ConditionSegmentSignals.sol";

/// @title A registered profile and an interval as the public signal `terms` of the circuit `condition-segment`.
/// @notice Time is counted in ticks of the profile's time unit, so that the longest gap fits eight bits.
/// @dev The TypeScript twin is `services/model/condition/profile.ts` (parity tested).
library ConditionTerms {
    uint256 internal constant MAXIMUM_GAP_TICKS = 2 ** 8 - 1;
    uint256 internal constant MAXIMUM_BUDGET_TICKS = 2 ** 22 - 1;
    uint256 internal constant MAXIMUM_TIME_TICKS = 2 ** 32 - 1;
    uint8 internal constant GREATEST_TILT_DEGREES = 180;
    uint8 internal constant TILT_NOT_MONITORED = type(uint8).max;

    /// @notice Seconds in a tick: the least whole number for which the longest gap is at most 255 ticks.
    function timeUnitSeconds(uint16 longestGapSeconds) internal pure returns (uint256) {
        return (uint256(longestGapSeconds) + MAXIMUM_GAP_TICKS - 1) / MAXIMUM_GAP_TICKS;
    }

    /// @notice Rounded up: readings a lawful gap apart may be a tick further apart once both are rounded down.
    function longestGapTicks(uint16 longestGapSeconds) internal pure returns (uint256) {
        uint256 unit = timeUnitSeconds(longestGapSeconds);
        return (longestGapSeconds + unit - 1) / unit;
    }

    function isTiltLimit(uint8 degrees_) internal pure returns (bool) {
        return degrees_ <= GREATEST_TILT_DEGREES || degrees_ == TILT_NOT_MONITORED;
    }

    /// @param from Seconds since 1970, a multiple of the time unit. So is `to`.
    function pack(IFlowRegistry.ConditionProfile memory profile, uint40 from, uint40 to)
        internal
        pure
        returns (uint256)
    {
        uint256 unit = timeUnitSeconds(profile.longestGapSeconds);
        return ConditionSegmentSignals.terms(
            profile.minimumCentikelvin,
            profile.maximumCentikelvin,
            profile.tiltLimitDegrees,
            profile.temperatureBudgetSeconds / unit,
            profile.tiltBudgetSeconds / unit,
            longestGapTicks(profile.longestGapSeconds),
            from / unit,
            to / unit
        );
    }
}
