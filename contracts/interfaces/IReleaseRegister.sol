// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Decisions are gated: release only when every check is compliant and a person signs.
/// @notice Release by exception assists the qualified person, it does not replace them.
interface IReleaseRegister {
    enum Status {
        Pending,
        Compliant,
        NotCompliant
    }

    enum CheckKind {
        Step,
        Leg,
        Gate,
        NoOpenException
    }

    struct Check {
        CheckKind kind;
        uint8 number;
        Status status;
    }

    event GateReleased(
        bytes32 indexed journeyId,
        uint8 indexed gate,
        uint32 participant,
        address signer,
        bytes32 head,
        uint40 releasedAt,
        bytes signature
    );

    /// @notice Thrown when a gate is not in the journey's flow.
    error ReleaseRegisterUnknownGate(bytes32 journeyId, uint8 gate);
    /// @notice Thrown when a gate has been released already.
    error ReleaseRegisterAlreadyReleased(bytes32 journeyId, uint8 gate);
    /// @notice Thrown when a check is not compliant: the first such check.
    error ReleaseRegisterNotReleasable(bytes32 journeyId, uint8 gate, CheckKind kind, uint8 number, Status status);
    /// @notice Thrown when the signed head is not the journey's present head: the signer saw another record.
    error ReleaseRegisterStaleHead(bytes32 journeyId, bytes32 expected, bytes32 signedHead);
    /// @notice Thrown when the signer is no active account with a duty the gate asks for.
    error ReleaseRegisterNotAuthorised(address recovered, uint16 roles, uint16 rolesRequired);

    function release(bytes32 journeyId, uint8 gate, bytes32 signedHead, bytes calldata signature) external;

    function checks(bytes32 journeyId, uint8 gate) external view returns (Check[] memory);
    function isReleasable(bytes32 journeyId, uint8 gate) external view returns (bool);
    function isReleased(bytes32 journeyId, uint8 gate) external view returns (bool);
}
