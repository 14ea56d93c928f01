// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Immutable release specifications: which tests with which criteria, and which phases.
/// @notice The document (canonical JSON) is emitted at registration. Its commitments are what a batch proof is made
///         against; the ledger cannot compute them, so whoever verifies recomputes them from the document
///         (`services/model/quality/specification.ts`).
interface ISpecificationRegistry {
    /// @param firstStage Commitment to the criteria with late tests not demanded (two-stage release).
    /// @param finalStage Commitment with every mandatory test demanded; equal to the first when no test is late.
    struct Commitments {
        uint256 firstStage;
        uint256 finalStage;
    }

    /// @param documentHash keccak-256 of `document`: flows name a specification by it.
    event SpecificationRegistered(
        bytes32 indexed documentHash, uint256 firstStageCommitment, uint256 finalStageCommitment, string document
    );

    /// @notice Thrown when the same document is registered twice.
    error SpecificationRegistryAlreadyRegistered(bytes32 documentHash);
    /// @notice Thrown when a commitment is zero or no field element: no proof could ever be made against it.
    error SpecificationRegistryInvalidCommitment(uint256 commitment);

    function register(string calldata document, Commitments calldata commitments) external;

    /// @notice Zero for a document that is not registered.
    function commitmentsOf(bytes32 documentHash) external view returns (Commitments memory);
}
