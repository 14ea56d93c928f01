// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Every divergence, seen by all parties and the authority at once.
/// @notice Nothing is ever deleted. `code` is the catalogue's ASCII code, left-aligned ("sensor-gap").
interface IExceptionRegister {
    enum Class {
        Informational,
        Minor,
        Major,
        Critical
    }

    struct ExceptionRecord {
        bytes32 code;
        Class class;
        uint8 leg; // leg number + 1, zero when it concerns no leg
        bool resolved;
        uint40 occurredAt;
        uint40 raisedAt;
        bytes32 detailCommitment;
    }

    event ExceptionRaised(
        bytes32 indexed journeyId,
        bytes32 indexed code,
        uint32 number,
        Class class,
        uint8 leg,
        uint40 occurredAt,
        bytes32 detailCommitment,
        bytes32 exceptionKey
    );
    event ExceptionResolved(bytes32 indexed journeyId, uint32 number, uint32 participant, bytes32 justificationHash);

    /// @notice Thrown when an exception number is not known.
    error ExceptionRegisterUnknownException(bytes32 journeyId, uint32 number);
    /// @notice Thrown when an exception is resolved twice.
    error ExceptionRegisterAlreadyResolved(bytes32 journeyId, uint32 number);
    /// @notice Thrown when no reason is given.
    error ExceptionRegisterNoJustification(bytes32 journeyId, uint32 number);
    /// @notice Thrown when the resolving signature is not one of an active account with a quality duty.
    error ExceptionRegisterNotQuality(address recovered);
    /// @notice Thrown when a code or a key is zero.
    error ExceptionRegisterZeroValue();

    /// @notice Raises an exception once per raiser and key: the same key again changes nothing and returns the first
    ///         number.
    function raise(
        bytes32 exceptionKey,
        bytes32 journeyId,
        bytes32 code,
        Class exceptionClass,
        uint8 leg,
        uint40 occurredAt,
        bytes32 detailCommitment
    ) external returns (uint32 number);
    /// @notice Resolves with the qualified person's own EIP-712 signature over journey, number and justification.
    /// @dev Only the oracle relays.
    function resolve(bytes32 journeyId, uint32 number, bytes32 justificationHash, bytes calldata signature) external;

    /// @notice Exceptions of a journey so far; their numbers are 0 to count - 1.
    function count(bytes32 journeyId) external view returns (uint32);
    function exceptionAt(bytes32 journeyId, uint32 number) external view returns (ExceptionRecord memory);
    /// @notice Open exceptions of class critical or major, the ones that hold a release.
    function openHolding(bytes32 journeyId) external view returns (uint32);
}
