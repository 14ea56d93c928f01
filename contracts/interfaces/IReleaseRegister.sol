// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Decisions are gated: release only when every check is compliant and a person signs.
/// @notice Release by exception assists the qualified person, it does not replace them.
interface IReleaseRegister {
    /// @notice Compliant and Completed pass. Completed means done, though not by compliance: an accepted deviation, a gate
    ///         waived by an exceptional release. Error means that it cannot be told, and holds.
    enum Status {
        Pending,
        Compliant,
        NotCompliant,
        Completed,
        Error
    }

    enum CheckKind {
        Step,
        Leg,
        Gate,
        NoOpenException,
        IdentityCheck,
        Specification,
        Disposition,
        Equipment
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
        uint40 signedAt,
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

    /// @notice Thrown when the gate asks for a person's own key and the signer's is hosted by a node.
    error ReleaseRegisterHostedKey(bytes32 journeyId, uint8 gate, address signer);
    /// @notice Thrown at deployment when a condition's address has no code: no gate could ever be checked.
    error ReleaseRegisterConditionWithoutCode(address condition);

    /// @notice Releases with the EIP-712 signature over ReleaseDecision(journeyId, gate, head, signedAt).
    /// @dev Only the oracle relays.
    function release(
        bytes32 journeyId,
        uint8 gate,
        bytes32 signedHead,
        uint40 signedAt,
        bytes calldata signature
    ) external;

    /// @notice Steps, legs and gates by number, open exceptions, then what each release condition asks for, in their order.
    function checks(bytes32 journeyId, uint8 gate) external view returns (Check[] memory);
    function isReleasable(bytes32 journeyId, uint8 gate) external view returns (bool);
    function isReleased(bytes32 journeyId, uint8 gate) external view returns (bool);
}
