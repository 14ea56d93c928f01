// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICustodyLedger} from "../interfaces/ICustodyLedger.sol";
import {IFlowRegistry} from "../interfaces/IFlowRegistry.sol";
import {ExceptionCodes} from "../lib/ExceptionCodes.sol";

/// @title The rules a recorded fact is judged by. They find; they never refuse.
/// @dev The order of the rules and their codes is the same as in `services/model/custody/rules.ts` (parity tested).
///      Findings are bits in the order in which their exceptions are raised.
library CustodyRules {
    uint256 internal constant ACTOR_NOT_AUTHORISED = 1 << 0;
    uint256 internal constant STEP_OUT_OF_ORDER = 1 << 1;
    uint256 internal constant TIME_LIMIT_EXCEEDED = 1 << 2;
    uint256 internal constant CUSTODY_GAP = 1 << 3;
    uint256 internal constant LATE_ENTRY = 1 << 4;
    uint256 internal constant CLOCK_SKEW = 1 << 5;
    uint256 internal constant COUNT = 6;

    /// @notice How far ahead of the ledger's clock a fact may be dated.
    uint256 internal constant CLOCK_SKEW_TOLERANCE_SECONDS = 300;

    function codeOf(uint256 finding) internal pure returns (bytes32) {
        if (finding == ACTOR_NOT_AUTHORISED) return ExceptionCodes.ACTOR_NOT_AUTHORISED;
        if (finding == STEP_OUT_OF_ORDER) return ExceptionCodes.STEP_OUT_OF_ORDER;
        if (finding == TIME_LIMIT_EXCEEDED) return ExceptionCodes.TIME_LIMIT_EXCEEDED;
        if (finding == CUSTODY_GAP) return ExceptionCodes.CUSTODY_GAP;
        if (finding == LATE_ENTRY) return ExceptionCodes.LATE_ENTRY;
        return ExceptionCodes.CLOCK_SKEW;
    }

    /// @notice Rule 2, but for the limits: prerequisites, repetition and the gate that must be released.
    function order(ICustodyLedger.Journey memory journey, IFlowRegistry.StepDefinition memory step, uint8 number)
        internal
        pure
        returns (uint256)
    {
        bool inOrder = step.prerequisites & ~journey.recordedSteps == 0
            && (step.repeatable || (journey.recordedSteps >> number) & 1 == 0)
            && (step.requiredGate == 0 || (journey.releasedGates >> (step.requiredGate - 1)) & 1 == 1);
        return inOrder ? 0 : STEP_OUT_OF_ORDER;
    }

    /// @notice Rules 2 and 3 for one limit. An anchor not recorded (time zero) limits nothing.
    function limit(uint40 anchoredAt, uint32 limitSeconds, uint40 occurredAt) internal pure returns (uint256) {
        if (anchoredAt == 0) return 0;
        if (occurredAt < anchoredAt) return STEP_OUT_OF_ORDER;
        return occurredAt > uint256(anchoredAt) + limitSeconds ? TIME_LIMIT_EXCEEDED : 0;
    }

    /// @notice Rule 4: moves custody in `journey` and finds the gaps in it.
    function transfer(
        ICustodyLedger.Journey memory journey,
        IFlowRegistry.Custody custody,
        uint32 participant,
        uint40 occurredAt,
        uint32 handoverToleranceSeconds
    ) internal pure returns (uint256) {
        bool gap;
        if (custody == IFlowRegistry.Custody.Take) {
            gap = journey.custodian != 0;
            journey.custodian = participant;
        } else if (custody == IFlowRegistry.Custody.Hold) {
            gap = journey.custodian != participant;
        } else if (custody == IFlowRegistry.Custody.Release) {
            gap = journey.custodian != participant || journey.handoverPending;
            journey.releasedAt = occurredAt;
            journey.handoverPending = true;
        } else if (custody == IFlowRegistry.Custody.Accept) {
            gap = !journey.handoverPending || occurredAt < journey.releasedAt
                || occurredAt > uint256(journey.releasedAt) + handoverToleranceSeconds;
            journey.custodian = participant;
            journey.handoverPending = false;
        }
        return gap ? CUSTODY_GAP : 0;
    }

    /// @notice Rule 5: how far apart the time of the fact and the time of its record are.
    function timeliness(uint40 occurredAt, uint40 recordedAt, uint32 lateEntryToleranceSeconds)
        internal
        pure
        returns (uint256)
    {
        if (recordedAt > uint256(occurredAt) + lateEntryToleranceSeconds) return LATE_ENTRY;
        return occurredAt > uint256(recordedAt) + CLOCK_SKEW_TOLERANCE_SECONDS ? CLOCK_SKEW : 0;
    }
}
