// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Zero-knowledge proofs that signed readings kept the profile, added up to each leg's coverage.
/// @notice A verified segment states: the device enrolled under `deviceKeyCommitment` signed these readings for this
///         chain, contract, journey and leg; they run from `from` to `to` with no gap over the limit; they continue
///         the state before; and the time out of range, added to that before, stays within the profile's budgets.
///         It does not state that the sensor told the truth.
interface IConditionProofs {
    /// @dev The numbers are those of `IReleaseRegister.Status`: an accepted leg is completed.
    enum LegStatus {
        Pending,
        Compliant,
        NotCompliant,
        Accepted
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
        uint32 acceptances;
        uint40 acceptedSeconds;
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
    /// @param number Place among the leg's acceptances, from 0.
    /// @param from Unix seconds. So is `to`. Nothing is proven in between.
    event IntervalAccepted(
        bytes32 indexed journeyId,
        uint8 indexed leg,
        uint32 number,
        uint40 from,
        uint40 to,
        uint32 exceptionNumber,
        uint32 participant,
        address signer,
        uint40 signedAt,
        bytes signature
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
    /// @notice Thrown when an interval to accept is empty, is not on the profile's time unit, or goes past the leg's end or, while
    ///         that is not recorded, past the present; or when the leg has not started.
    error ConditionProofsNotAcceptable(bytes32 journeyId, uint8 leg, uint40 from, uint40 to);
    /// @notice Thrown when the exception is not one of this leg, was not accepted, or did not occur in the interval.
    error ConditionProofsExceptionDoesNotCover(bytes32 journeyId, uint8 leg, uint32 exceptionNumber, uint40 from, uint40 to);
    /// @notice Thrown when the acceptance is not signed by an active account of a qualified person.
    error ConditionProofsNotAuthorised(address recovered, uint16 roles, uint16 needed);

    function assignDevice(bytes32 journeyId, uint8 leg, bytes32 deviceId, uint40 assignedFrom) external;
    function submitSegments(bytes32 journeyId, uint8 leg, Segment[] calldata segments) external;
    /// @notice A qualified person takes responsibility for an interval that nothing proves, by the EIP-712 signature over
    ///         IntervalAcceptance(journeyId, leg, from, to, exceptionNumber, signedAt): coverage moves on to `to` and the
    ///         hidden totals start anew. `from` is where coverage ends, or the leg's start. The exception must be one of
    ///         the leg, accepted with a justification, and have occurred in the interval.
    /// @dev What an interval may skip is bounded by the leg's end and the present. The contract cannot know which readings
    ///      could have been proven; the signature names both ends, and what follows must be proven from there on.
    function acceptInterval(
        bytes32 journeyId,
        uint8 leg,
        uint40 to,
        uint32 exceptionNumber,
        uint40 signedAt,
        bytes calldata signature
    ) external;

    /// @notice The public signal that ties a proof to this chain, this contract, a journey and a leg:
    ///         keccak256(abi.encode(chainId, address, journeyId, leg)) >> 3.
    function context(bytes32 journeyId, uint8 leg) external view returns (uint256);
    /// @notice Zero fields when the leg has no device; `state` is the genesis state before the first segment.
    function coverage(bytes32 journeyId, uint8 leg) external view returns (Coverage memory);
    /// @notice Where the next segment or accepted interval starts: where coverage ends, or the leg's start rounded down to the
    ///         profile's time unit. Zero before the leg has started.
    function coveredUntil(bytes32 journeyId, uint8 leg) external view returns (uint40);
    /// @notice Compliant only when proven segments cover the whole leg, hand-over to hand-over; accepted when intervals that
    ///         a qualified person accepted fill what is missing. Not compliant when nothing to come can mend it: it took
    ///         too long, ended before it began, or was measured too late.
    function legStatus(bytes32 journeyId, uint8 leg) external view returns (LegStatus);
}
