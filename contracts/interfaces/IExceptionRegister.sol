// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Every divergence, seen by all parties and the authority at once.
/// @notice Nothing is ever deleted. `code` is the catalogue's ASCII code, left-aligned ("sensor-gap"); class and time to
///         react come from the catalogue on the ledger, never from whoever raises.
interface IExceptionRegister {
    enum Class {
        Informational,
        Minor,
        Major,
        Critical
    }

    /// @notice The life of an exception. Which stage follows which: `custody/ExceptionLifecycle.sol`.
    enum Stage {
        Detected,
        Classified,
        UnderAssessment,
        DeviationOpened,
        Investigated,
        CorrectiveAction,
        ResolutionProposed,
        AcceptanceProposed,
        Resolved,
        Accepted,
        Escalated,
        Closed
    }

    struct ExceptionRecord {
        bytes32 code;
        Class class;
        uint8 leg; // leg number + 1, zero when it concerns no leg
        Stage stage;
        Stage outcome; // Resolved or Accepted once approved, also after it was closed; Detected before
        uint40 occurredAt;
        uint40 raisedAt;
        uint40 dueAt; // when somebody must have reacted, from the catalogue
        address proposer; // account of the last proposal, zero before the first
        bytes32 detailCommitment;
    }

    event ExceptionRaised(
        bytes32 indexed journeyId,
        bytes32 indexed code,
        uint32 number,
        Class class,
        uint8 leg,
        uint40 occurredAt,
        uint40 dueAt,
        bytes32 detailCommitment,
        bytes32 exceptionKey
    );
    /// @param participant Index of the participant whose account signed.
    /// @param reasonHash Salted hash of the reason's text.
    /// @param signedAt Unix seconds by the signer's clock.
    event ExceptionAdvanced(
        bytes32 indexed journeyId,
        uint32 number,
        Stage from,
        Stage to,
        uint32 indexed participant,
        address signer,
        bytes32 reasonHash,
        uint40 signedAt,
        bytes signature
    );

    /// @notice An exception whose catalogue entry recalls was raised: every holder, past and present, is to be reached.
    /// @param number Place among the journey's recalls, from 0.
    event RecallRaised(bytes32 indexed journeyId, uint32 number, uint32 exceptionNumber, bytes32 code);

    /// @notice Thrown when an exception number is not known.
    error ExceptionRegisterUnknownException(bytes32 journeyId, uint32 number);
    /// @notice Thrown when one stage does not follow the other.
    error ExceptionRegisterIllegalTransition(bytes32 journeyId, uint32 number, Stage from, Stage to);
    /// @notice Thrown when no reason is given.
    error ExceptionRegisterNoReason(bytes32 journeyId, uint32 number);
    /// @notice Thrown when the signature is none, or its account has none of the duties the transition needs.
    error ExceptionRegisterNotAuthorised(address recovered, uint16 roles, uint16 needed);
    /// @notice Thrown when who proposed would also approve.
    error ExceptionRegisterSamePerson(bytes32 journeyId, uint32 number, address account);
    /// @notice Thrown when a signature already moved this exception once.
    error ExceptionRegisterSignatureUsed(bytes32 digest);
    /// @notice Thrown when a code or a key is zero.
    error ExceptionRegisterZeroValue();

    /// @notice Raises an exception once per raiser and key: the same key again changes nothing and returns the first
    ///         number.
    function raise(
        bytes32 exceptionKey,
        bytes32 journeyId,
        bytes32 code,
        uint8 leg,
        uint40 occurredAt,
        bytes32 detailCommitment
    ) external returns (uint32 number);
    /// @notice Moves an exception on with a person's own EIP-712 signature over journey, number, both stages, the hash
    ///         of the reason and the time of signing.
    /// @dev Only the oracle relays.
    function advance(
        bytes32 journeyId,
        uint32 number,
        Stage to,
        bytes32 reasonHash,
        uint40 signedAt,
        bytes calldata signature
    ) external;

    /// @notice Exceptions of a journey so far; their numbers are 0 to count - 1.
    function count(bytes32 journeyId) external view returns (uint32);
    function exceptionAt(bytes32 journeyId, uint32 number) external view returns (ExceptionRecord memory);
    /// @notice Whether it was accepted with a justification, closed since or not.
    function isAccepted(bytes32 journeyId, uint32 number) external view returns (bool);
    /// @notice Exceptions of class critical or major that nobody approved as resolved or accepted: they hold a release.
    function openHolding(bytes32 journeyId) external view returns (uint32);
    /// @notice Recalls of a journey so far. They outlast the exception that raised them, resolved or not.
    function recallCount(bytes32 journeyId) external view returns (uint32);
}
