// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAccessGrants} from "../interfaces/IAccessGrants.sol";
import {ICustodyLedger} from "../interfaces/ICustodyLedger.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {SigningTime} from "../lib/SigningTime.sol";

/// @title Grants and revocations, each signed by a participant who answers for a journey.
contract AccessGrants is IAccessGrants, EIP712, AccessControlDefaultAdminRules {
    bytes32 public constant ORACLE_ROLE = keccak256("ORACLE_ROLE");
    bytes32 public constant ACCESS_GRANT_TYPEHASH = keccak256(
        "AccessGrant(bytes32 grantId,bytes32 journeyId,bytes32 participantId,uint8 scope,bytes32 keyThumbprint,uint40 signedAt)"
    );
    bytes32 public constant ACCESS_REVOCATION_TYPEHASH =
        keccak256("AccessRevocation(bytes32 grantId,uint40 signedAt)");
    /// @notice Duties that may grant and revoke: treatment and apheresis centre, manufacturing site, qualified person,
    ///         quality assurance. The TypeScript twin is `services/model/privacy/access.ts` (parity tested).
    uint16 public constant GRANTING_DUTIES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8;
    uint8 public constant EVERY_SCOPE = 7;
    /// @notice The one scope that wraps no key: a grant of nothing else has no key thumbprint.
    uint8 public constant MILESTONES = 4;

    IParticipantRegistry public immutable participants;
    ICustodyLedger public immutable ledger;
    mapping(bytes32 grantId => Grant) private _grants;

    constructor(
        IParticipantRegistry participants_,
        ICustodyLedger ledger_,
        uint48 adminDelay,
        address admin,
        address oracle
    ) EIP712("Threadline", "1") AccessControlDefaultAdminRules(adminDelay, admin) {
        participants = participants_;
        ledger = ledger_;
        _grantRole(ORACLE_ROLE, oracle);
    }

    function grant(
        bytes32 grantId,
        bytes32 journeyId,
        bytes32 participantId,
        uint8 scope,
        bytes32 keyThumbprint,
        uint40 signedAt,
        bytes calldata signature
    ) external onlyRole(ORACLE_ROLE) {
        if (grantId == 0 || (keyThumbprint == 0) != (scope == MILESTONES)) revert AccessGrantsZeroValue();
        if (scope == 0 || scope > EVERY_SCOPE) revert AccessGrantsInvalidScope(scope);
        if (_grants[grantId].grantedAt != 0) revert AccessGrantsAlreadyGranted(grantId);
        // Reverts for a journey that the ledger does not know.
        ledger.journey(journeyId);
        IParticipantRegistry.Participant memory recipient = participants.participant(participantId);
        if (recipient.index == 0 || recipient.suspended) revert AccessGrantsUnknownRecipient(participantId);
        bytes32 digest = accessGrantDigest(grantId, journeyId, participantId, scope, keyThumbprint, signedAt);
        (address signer, uint32 grantedBy) = _authenticate(digest, signedAt, signature);
        _grants[grantId] = Grant(journeyId, participantId, scope, uint40(block.timestamp), 0);
        emit AccessGranted(
            journeyId, participantId, grantId, scope, keyThumbprint, grantedBy, signer, signedAt, signature
        );
    }

    function revoke(bytes32 grantId, uint40 signedAt, bytes calldata signature) external onlyRole(ORACLE_ROLE) {
        Grant storage standing = _grants[grantId];
        if (standing.grantedAt == 0 || standing.revokedAt != 0) revert AccessGrantsNotGranted(grantId);
        (address signer, uint32 revokedBy) = _authenticate(accessRevocationDigest(grantId, signedAt), signedAt, signature);
        standing.revokedAt = uint40(block.timestamp);
        emit AccessRevoked(
            standing.journeyId, standing.participantId, grantId, revokedBy, signer, signedAt, signature
        );
    }

    function grantOf(bytes32 grantId) external view returns (Grant memory) {
        return _grants[grantId];
    }

    /// @notice The EIP-712 digest that is signed to grant access.
    function accessGrantDigest(
        bytes32 grantId,
        bytes32 journeyId,
        bytes32 participantId,
        uint8 scope,
        bytes32 keyThumbprint,
        uint40 signedAt
    ) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(ACCESS_GRANT_TYPEHASH, grantId, journeyId, participantId, scope, keyThumbprint, signedAt)
            )
        );
    }

    /// @notice The EIP-712 digest that is signed to revoke a grant.
    function accessRevocationDigest(bytes32 grantId, uint40 signedAt) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(ACCESS_REVOCATION_TYPEHASH, grantId, signedAt)));
    }

    function _authenticate(bytes32 digest, uint40 signedAt, bytes calldata signature)
        private
        view
        returns (address signer, uint32 participant)
    {
        SigningTime.requireFresh(signedAt);
        (signer,,) = ECDSA.tryRecover(digest, signature);
        uint16 roles;
        (participant, roles) = participants.activeSigner(signer);
        if (roles & GRANTING_DUTIES == 0) revert AccessGrantsNotAuthorised(signer, roles);
    }
}
