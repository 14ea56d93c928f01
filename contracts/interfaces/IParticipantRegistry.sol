// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Who may write: organisations, their duties and their signing accounts.
/// @notice An organisation is known by `participantId`, the keccak-256 of its thirteen-digit GLN. A GLN is public
///         business data, never personal data. Duties are a bitmap so that one storage slot answers "may it?".
interface IParticipantRegistry {
    /// @notice Duties, bit by bit. The TypeScript twin is `services/model/custody/roles.ts`.
    /// 0 treatment-centre, 1 apheresis-centre, 2 manufacturing-site, 3 logistics-provider, 4 qualified-person,
    /// 5 regulator, 6 auditor, 7 oracle, 8 quality-assurance, 9 testing-laboratory, 10 payer.
    struct Participant {
        uint32 index;
        uint16 roles;
        bool suspended;
    }

    event ParticipantRegistered(bytes32 indexed participantId, uint32 index, uint16 roles);
    event ParticipantRolesChanged(bytes32 indexed participantId, uint16 roles);
    event ParticipantSuspensionChanged(bytes32 indexed participantId, bool suspended);
    /// @param hosted The key is held by a node for an integration that cannot sign: the node could sign for it.
    event SigningAccountAdded(bytes32 indexed participantId, address indexed account, bool hosted);
    event SigningAccountRemoved(bytes32 indexed participantId, address indexed account);

    /// @notice Thrown when a participant id is registered twice.
    error ParticipantRegistryAlreadyRegistered(bytes32 participantId);
    /// @notice Thrown when a participant id is not known.
    error ParticipantRegistryUnknownParticipant(bytes32 participantId);
    /// @notice Thrown when an account already signs for a participant, or did and was removed.
    error ParticipantRegistryAccountTaken(address account, uint32 participantIndex);
    /// @notice Thrown when an account to remove does not sign for the participant named.
    error ParticipantRegistryAccountNotOfParticipant(address account, bytes32 participantId);
    /// @notice Thrown when a roles bitmap is empty or names a role that does not exist.
    error ParticipantRegistryInvalidRoles(uint16 roles);
    /// @notice Thrown when an id or an account is zero.
    error ParticipantRegistryZeroValue();

    function register(bytes32 participantId, uint16 roles, address account, bool hosted) external returns (uint32 index);
    function setRoles(bytes32 participantId, uint16 roles) external;
    function setSuspended(bytes32 participantId, bool suspended) external;
    function addAccount(bytes32 participantId, address account, bool hosted) external;
    function removeAccount(bytes32 participantId, address account) external;

    /// @notice Zero fields when the participant is not registered. Indexes start at 1.
    function participant(bytes32 participantId) external view returns (Participant memory);
    function participantIdAt(uint32 index) external view returns (bytes32);
    function participantCount() external view returns (uint32);
    /// @notice The participant an account signs for now: index 0 and no roles when none, removed or suspended.
    function activeSigner(address account) external view returns (uint32 index, uint16 roles);
    /// @notice Whether a node holds the account's key. False for an account that is not known.
    function isHosted(address account) external view returns (bool);
}
