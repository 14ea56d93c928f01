// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Codes of the exceptions that the custody ledger raises by its own rules: ASCII, left-aligned.
library ExceptionCodes {
    bytes32 internal constant ACTOR_NOT_AUTHORISED = "actor-not-authorised";
    bytes32 internal constant STEP_OUT_OF_ORDER = "step-out-of-order";
    bytes32 internal constant TIME_LIMIT_EXCEEDED = "time-limit-exceeded";
    bytes32 internal constant CUSTODY_GAP = "custody-gap";
    bytes32 internal constant LATE_ENTRY = "late-entry";
    bytes32 internal constant CLOCK_SKEW = "clock-skew";
}
