// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {Duties} from "../lib/Duties.sol";

/// @title Who may write: organisations, their duties and their signing accounts.
/// @notice An account belongs to one participant for ever: once removed it signs for nobody again, so that a
///         signature in the history always has one author.
contract ParticipantRegistry is IParticipantRegistry, AccessControlDefaultAdminRules {
    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");

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
        _participants[index] = Participant({index: index, roles: roles, suspended: false});
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
        _addAccount(participantId, _indexOf(participantId), account, hosted);
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
        return owner.suspended ? (0, 0) : (entry.index, owner.roles);
    }

    function isHosted(address account) external view returns (bool) {
        return _accounts[account].hosted;
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
