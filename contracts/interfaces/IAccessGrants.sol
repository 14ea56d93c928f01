// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Who was given the key to what a journey disclosed, by whom, and when that ended.
/// @notice Events lie encrypted outside the ledger. A grant says that the journey's key was wrapped for one key of one
///         participant; a revocation that what follows is under another key. Neither tells what was shown.
interface IAccessGrants {
    struct Grant {
        bytes32 journeyId;
        bytes32 participantId;
        uint8 scope;
        uint40 grantedAt;
        /// Zero while the grant stands.
        uint40 revokedAt;
    }

    /// @param grantId Random, chosen by who grants: it makes the grant once.
    /// @param scope Bitmap: 1 what was disclosed, 2 the link to the patient, 4 the milestones.
    /// @param keyThumbprint RFC 7638 SHA-256 thumbprint of the recipient's public key.
    event AccessGranted(
        bytes32 indexed journeyId,
        bytes32 indexed participantId,
        bytes32 indexed grantId,
        uint8 scope,
        bytes32 keyThumbprint,
        uint32 grantedBy,
        address signer,
        uint40 signedAt,
        bytes signature
    );
    event AccessRevoked(
        bytes32 indexed journeyId,
        bytes32 indexed participantId,
        bytes32 indexed grantId,
        uint32 revokedBy,
        address signer,
        uint40 signedAt,
        bytes signature
    );

    /// @notice Thrown when a grant id is used twice.
    error AccessGrantsAlreadyGranted(bytes32 grantId);
    /// @notice Thrown when a grant to revoke is not known, or revoked already.
    error AccessGrantsNotGranted(bytes32 grantId);
    /// @notice Thrown when the recipient is no registered participant, or a suspended one.
    error AccessGrantsUnknownRecipient(bytes32 participantId);
    /// @notice Thrown when a scope is empty or has a bit without meaning.
    error AccessGrantsInvalidScope(uint8 scope);
    /// @notice Thrown when an id or a thumbprint is zero, or a grant that wraps no key has a thumbprint.
    error AccessGrantsZeroValue();
    /// @notice Thrown when the signer has no duty that may grant access.
    error AccessGrantsNotAuthorised(address signer, uint16 roles);

    function grant(
        bytes32 grantId,
        bytes32 journeyId,
        bytes32 participantId,
        uint8 scope,
        bytes32 keyThumbprint,
        uint40 signedAt,
        bytes calldata signature
    ) external;
    function revoke(bytes32 grantId, uint40 signedAt, bytes calldata signature) external;

    /// @notice Zero fields for a grant that is not known.
    function grantOf(bytes32 grantId) external view returns (Grant memory);
}
