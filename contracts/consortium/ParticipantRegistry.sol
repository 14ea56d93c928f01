// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {Duties} from "../lib/Duties.sol";
import {SigningTime} from "../lib/SigningTime.sol";

/// @title Who may write: organisations, their duties and their signing accounts.
/// @notice An account belongs to one participant for ever: once removed it signs for nobody again, so that a
///         signature in the history always has one author.
///         A participant may end hosted signing for itself: then not even the registrar can give it an account.
contract ParticipantRegistry is IParticipantRegistry, EIP712, AccessControlDefaultAdminRules {
    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");
    bytes32 public constant OWN_KEYS_TYPEHASH = keccak256("OwnKeysRequirement(bytes32 participantId,uint40 signedAt)");
    bytes32 public constant ENDORSEMENT_TYPEHASH =
        keccak256("AccountEndorsement(bytes32 participantId,address account,uint40 signedAt)");

    struct Account {
        uint32 index;
        bool active;
        bool hosted;
    }

    uint32 public participantCount;
    mapping(uint32 index => Participant) private _participants;
    mapping(uint32 index => bytes32) public participantIdAt;
    mapping(bytes32 participantId => uint32) private _indexes;
    mapping(address => Account) private _accounts;

    constructor(uint48 adminDelay, address admin, address registrar)
        EIP712("Threadline", "1")
        AccessControlDefaultAdminRules(adminDelay, admin)
    {
        _grantRole(REGISTRAR_ROLE, registrar);
    }

    function register(bytes32 participantId, uint16 roles, address account, bool hosted)
        external
        onlyRole(REGISTRAR_ROLE)
        returns (uint32 index)
    {
        if (participantId == 0) revert ParticipantRegistryZeroValue();
        if (_indexes[participantId] != 0) revert ParticipantRegistryAlreadyRegistered(participantId);
        if (!Duties.isValid(roles)) revert ParticipantRegistryInvalidRoles(roles);
        index = ++participantCount;
        _indexes[participantId] = index;
        participantIdAt[index] = participantId;
        _participants[index] = Participant({index: index, roles: roles, suspended: false, ownKeysOnly: false});
        emit ParticipantRegistered(participantId, index, roles);
        _addAccount(participantId, index, account, hosted);
    }

    function setRoles(bytes32 participantId, uint16 roles) external onlyRole(REGISTRAR_ROLE) {
        uint32 index = _indexOf(participantId);
        if (!Duties.isValid(roles)) revert ParticipantRegistryInvalidRoles(roles);
        _participants[index].roles = roles;
        emit ParticipantRolesChanged(participantId, roles);
    }

    function setSuspended(bytes32 participantId, bool suspended) external onlyRole(REGISTRAR_ROLE) {
        _participants[_indexOf(participantId)].suspended = suspended;
        emit ParticipantSuspensionChanged(participantId, suspended);
    }

    function addAccount(bytes32 participantId, address account, bool hosted) external onlyRole(REGISTRAR_ROLE) {
        uint32 index = _indexOf(participantId);
        if (_participants[index].ownKeysOnly) revert ParticipantRegistryEndorsementRequired(participantId);
        _addAccount(participantId, index, account, hosted);
    }

    function addEndorsedAccount(bytes32 participantId, address account, uint40 signedAt, bytes calldata signature)
        external
        onlyRole(REGISTRAR_ROLE)
    {
        uint32 index = _indexOf(participantId);
        address endorser =
            _ownSigner(participantId, index, endorsementDigest(participantId, account, signedAt), signedAt, signature);
        _addAccount(participantId, index, account, false);
        emit SigningAccountEndorsed(participantId, account, endorser, signedAt, signature);
    }

    function requireOwnKeys(bytes32 participantId, uint40 signedAt, bytes calldata signature)
        external
        onlyRole(REGISTRAR_ROLE)
    {
        uint32 index = _indexOf(participantId);
        address signer = _ownSigner(participantId, index, ownKeysDigest(participantId, signedAt), signedAt, signature);
        _participants[index].ownKeysOnly = true;
        emit OwnKeysRequired(participantId, signer, signedAt, signature);
    }

    function liftOwnKeysOnly(bytes32 participantId) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _participants[_indexOf(participantId)].ownKeysOnly = false;
        emit OwnKeysNoLongerRequired(participantId);
    }

    function removeAccount(bytes32 participantId, address account) external onlyRole(REGISTRAR_ROLE) {
        Account storage entry = _accounts[account];
        if (entry.index != _indexOf(participantId) || !entry.active) {
            revert ParticipantRegistryAccountNotOfParticipant(account, participantId);
        }
        entry.active = false;
        emit SigningAccountRemoved(participantId, account);
    }

    function participant(bytes32 participantId) external view returns (Participant memory) {
        return _participants[_indexes[participantId]];
    }

    function activeSigner(address account) external view returns (uint32 index, uint16 roles) {
        Account memory entry = _accounts[account];
        if (!entry.active) return (0, 0);
        Participant memory owner = _participants[entry.index];
        return owner.suspended || (owner.ownKeysOnly && entry.hosted) ? (0, 0) : (entry.index, owner.roles);
    }

    function isHosted(address account) external view returns (bool) {
        return _accounts[account].hosted;
    }

    function ownKeysDigest(bytes32 participantId, uint40 signedAt) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(OWN_KEYS_TYPEHASH, participantId, signedAt)));
    }

    function endorsementDigest(bytes32 participantId, address account, uint40 signedAt) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(ENDORSEMENT_TYPEHASH, participantId, account, signedAt)));
    }

    /// @dev The active account, not hosted, of a participant that is not suspended.
    function _ownSigner(bytes32 participantId, uint32 index, bytes32 digest, uint40 signedAt, bytes calldata signature)
        private
        view
        returns (address signer)
    {
        SigningTime.requireFresh(signedAt);
        (signer,,) = ECDSA.tryRecover(digest, signature);
        Account memory entry = _accounts[signer];
        bool own = entry.index == index && entry.active && !entry.hosted && !_participants[index].suspended;
        if (!own) revert ParticipantRegistryNotItsOwnAccount(participantId, signer);
    }

    function _addAccount(bytes32 participantId, uint32 index, address account, bool hosted) private {
        if (account == address(0)) revert ParticipantRegistryZeroValue();
        uint32 taken = _accounts[account].index;
        if (taken != 0) revert ParticipantRegistryAccountTaken(account, taken);
        _accounts[account] = Account({index: index, active: true, hosted: hosted});
        emit SigningAccountAdded(participantId, account, hosted);
    }

    function _indexOf(bytes32 participantId) private view returns (uint32 index) {
        index = _indexes[participantId];
        if (index == 0) revert ParticipantRegistryUnknownParticipant(participantId);
    }
}
