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
        /// @dev Hosted accounts sign for it no more, and nobody adds an account but by the signature of one of its own.
        bool ownKeysOnly;
    }

    event ParticipantRegistered(bytes32 indexed participantId, uint32 index, uint16 roles);
    event ParticipantRolesChanged(bytes32 indexed participantId, uint16 roles);
    event ParticipantSuspensionChanged(bytes32 indexed participantId, bool suspended);
    /// @param hosted The key is held by a node for an integration that cannot sign: the node could sign for it.
    event SigningAccountAdded(bytes32 indexed participantId, address indexed account, bool hosted);
    event SigningAccountRemoved(bytes32 indexed participantId, address indexed account);
    /// @notice From here on no node signs for the participant, nor adds an account that could.
    event OwnKeysRequired(bytes32 indexed participantId, address indexed signer, uint40 signedAt, bytes signature);
    /// @notice The consortium's administrator took it back: the participant lost every key of its own.
    event OwnKeysNoLongerRequired(bytes32 indexed participantId);
    /// @notice An account of the participant's own vouched for one more.
    event SigningAccountEndorsed(
        bytes32 indexed participantId, address indexed account, address indexed endorser, uint40 signedAt, bytes signature
    );

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
    /// @notice Thrown when a signature is of no active account that the participant holds itself.
    error ParticipantRegistryNotItsOwnAccount(bytes32 participantId, address signer);
    /// @notice Thrown when an account is added to a participant that signs with own keys only, without its signature.
    error ParticipantRegistryEndorsementRequired(bytes32 participantId);
    /// @notice Thrown when an id or an account is zero.
    error ParticipantRegistryZeroValue();

    function register(bytes32 participantId, uint16 roles, address account, bool hosted) external returns (uint32 index);
    function setRoles(bytes32 participantId, uint16 roles) external;
    function setSuspended(bytes32 participantId, bool suspended) external;
    function addAccount(bytes32 participantId, address account, bool hosted) external;
    function removeAccount(bytes32 participantId, address account) external;

    /// @notice Ends hosted signing for a participant, on the signature of an account of its own.
    function requireOwnKeys(bytes32 participantId, uint40 signedAt, bytes calldata signature) external;
    /// @notice Adds an account that the participant holds itself, on the signature of one it has. Needed once a
    ///         participant signs with own keys only; of use before.
    function addEndorsedAccount(bytes32 participantId, address account, uint40 signedAt, bytes calldata signature)
        external;
    /// @notice For the consortium's administrator alone, when a participant lost every key of its own.
    function liftOwnKeysOnly(bytes32 participantId) external;

    /// @notice The EIP-712 digest by which a participant ends hosted signing.
    function ownKeysDigest(bytes32 participantId, uint40 signedAt) external view returns (bytes32);
    /// @notice The EIP-712 digest by which an account of the participant's vouches for another.
    function endorsementDigest(bytes32 participantId, address account, uint40 signedAt) external view returns (bytes32);
    /// @notice Zero fields when the participant is not registered. Indexes start at 1.
    function participant(bytes32 participantId) external view returns (Participant memory);
    function participantIdAt(uint32 index) external view returns (bytes32);
    function participantCount() external view returns (uint32);
    /// @notice The participant an account signs for now: index 0 and no roles when none, removed or suspended,
    ///         or hosted for a participant that signs with own keys only.
    function activeSigner(address account) external view returns (uint32 index, uint16 roles);
    /// @notice Whether a node holds the account's key. False for an account that is not known.
    function isHosted(address account) external view returns (bool);
}
