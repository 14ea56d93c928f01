// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Zero-knowledge proofs that signed readings kept the profile, added up to each leg's coverage.
/// @notice A verified segment states: the device enrolled under `deviceKeyCommitment` signed these readings for this
///         chain, contract, journey and leg; they run from `from` to `to` with no gap over the limit; they continue
///         the state before; and the time out of range, added to that before, stays within the profile's budgets.
///         It does not state that the sensor told the truth.
interface IConditionProofs {
    enum LegStatus {
        Pending,
        Compliant,
        NotCompliant
    }

    struct Segment {
        uint40 from;
        uint40 to;
        uint256 stateAfter;
        uint256 readingsCommitment;
        uint256[2] proofA;
        uint256[2][2] proofB;
        uint256[2] proofC;
    }

    struct Coverage {
        bytes32 deviceId;
        uint40 assignedFrom;
        uint40 from;
        uint40 to;
        uint32 segments;
        uint256 state;
    }

    event DeviceAssigned(bytes32 indexed journeyId, uint8 indexed leg, bytes32 indexed deviceId, uint40 assignedFrom);
    /// @param number Place of the segment in its leg, from 0.
    /// @param from Unix seconds. So is `to`.
    event SegmentProven(
        bytes32 indexed journeyId,
        uint8 indexed leg,
        uint32 number,
        uint40 from,
        uint40 to,
        uint256 stateBefore,
        uint256 stateAfter,
        uint256 readingsCommitment
    );

    /// @notice Thrown at deployment when the verifier's address has no code: a call to it would revert for ever.
    error ConditionProofsVerifierWithoutCode(address verifier);
    /// @notice Thrown when a leg already has a device.
    error ConditionProofsDeviceAlreadyAssigned(bytes32 journeyId, uint8 leg, bytes32 deviceId);
    /// @notice Thrown when a leg has no device.
    error ConditionProofsNoDevice(bytes32 journeyId, uint8 leg);
    /// @notice Thrown when the device is not enrolled, revoked, or not calibrated over the whole segment.
    error ConditionProofsDeviceNotFit(bytes32 deviceId, uint40 from, uint40 to);
    /// @notice Thrown when the device to assign is not enrolled.
    error ConditionProofsUnknownDevice(bytes32 deviceId);
    /// @notice Thrown when a leg number is not in the journey's flow.
    error ConditionProofsUnknownLeg(bytes32 journeyId, uint8 leg);
    /// @notice Thrown when a segment does not start where the one before ended.
    error ConditionProofsDoesNotContinue(bytes32 journeyId, uint8 leg, uint40 expectedFrom, uint40 from);
    /// @notice Thrown when a segment ends before it starts, starts before the device was assigned, or is not on the profile's time unit.
    error ConditionProofsInvalidInterval(uint40 from, uint40 to);
    /// @notice Thrown when a public signal is not below the field size.
    error ConditionProofsSignalOutOfField(uint256 signal);
    /// @notice Thrown when the verifier does not accept. Never stored: short of gas a verifier answers false too.
    error ConditionProofsNotProven(bytes32 journeyId, uint8 leg, uint40 from, uint40 to);

    function assignDevice(bytes32 journeyId, uint8 leg, bytes32 deviceId, uint40 assignedFrom) external;
    function submitSegments(bytes32 journeyId, uint8 leg, Segment[] calldata segments) external;

    /// @notice The public signal that ties a proof to this chain, this contract, a journey and a leg:
    ///         keccak256(abi.encode(chainId, address, journeyId, leg)) >> 3.
    function context(bytes32 journeyId, uint8 leg) external view returns (uint256);
    /// @notice Zero fields when the leg has no device; `state` is the genesis state before the first segment.
    function coverage(bytes32 journeyId, uint8 leg) external view returns (Coverage memory);
    /// @notice Compliant only when proven segments cover the whole leg, hand-over to hand-over. Not compliant when
    ///         nothing to come can mend it: it took too long, ended before it began, or was measured too late.
    function legStatus(bytes32 journeyId, uint8 leg) external view returns (LegStatus);
}
