// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Codes of the exceptions that contracts know by name: ASCII, left-aligned.
/// @dev The custody ledger raises the first six by its own rules; the last two are of what carried a leg.
library ExceptionCodes {
    bytes32 internal constant ACTOR_NOT_AUTHORISED = "actor-not-authorised";
    bytes32 internal constant STEP_OUT_OF_ORDER = "step-out-of-order";
    bytes32 internal constant TIME_LIMIT_EXCEEDED = "time-limit-exceeded";
    bytes32 internal constant CUSTODY_GAP = "custody-gap";
    bytes32 internal constant LATE_ENTRY = "late-entry";
    bytes32 internal constant CLOCK_SKEW = "clock-skew";
    bytes32 internal constant SHIPPER_NOT_QUALIFIED = "shipper-not-qualified";
    bytes32 internal constant LANE_NOT_QUALIFIED = "lane-not-qualified";
}
