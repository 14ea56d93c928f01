// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReleaseCondition} from "./IReleaseCondition.sol";

/// @title Zero-knowledge proofs that a batch met its specification.
interface IBatchProofs is IReleaseCondition {
    /// @notice Two-stage release: the first without the results that come late, the final with all.
    enum Stage {
        None,
        First,
        Final
    }

    /// @param laboratory Device id of the laboratory's enrolled signing key.
    /// @param signedAt Unix seconds, by the laboratory's clock.
    /// @param certificateHash keccak-256 of the certificate of analysis, which the laboratory signed within the context.
    struct BatchProof {
        Stage stage;
        bytes32 laboratory;
        uint256 resultsCommitment;
        uint40 signedAt;
        bytes32 certificateHash;
        uint256[2] proofA;
        uint256[2][2] proofB;
        uint256[2] proofC;
    }

    struct Proven {
        Stage stage;
        bytes32 laboratory;
        uint40 signedAt;
        bytes32 certificateHash;
    }

    event BatchProven(
        bytes32 indexed journeyId,
        uint8 indexed specification,
        Stage stage,
        bytes32 documentHash,
        bytes32 laboratory,
        uint256 resultsCommitment,
        uint40 signedAt,
        bytes32 certificateHash
    );

    /// @notice Thrown at deployment when the verifier has no code: it would never say no.
    error BatchProofsVerifierWithoutCode(address verifier);
    /// @notice Thrown when the journey's flow has no specification of this number.
    error BatchProofsUnknownSpecification(bytes32 journeyId, uint8 specification);
    /// @notice Thrown when the specification the flow names is not registered.
    error BatchProofsSpecificationNotRegistered(bytes32 documentHash);
    /// @notice Thrown when this stage, or the final one, is proven already.
    error BatchProofsAlreadyProven(bytes32 journeyId, uint8 specification, Stage stage);
    /// @notice Thrown for no stage, or for a first stage of a specification that has only one.
    error BatchProofsInvalidStage(Stage stage);
    /// @notice Thrown when the results are dated ahead of the ledger's clock.
    error BatchProofsSignedAhead(uint40 signedAt, uint256 blockTime);
    /// @notice Thrown when the key is not enrolled, not qualified at the time of signing, or revoked.
    error BatchProofsLaboratoryNotFit(bytes32 laboratory, uint40 signedAt);
    /// @notice Thrown when the key's owner has no duty as a testing laboratory, or is suspended.
    error BatchProofsNotALaboratory(bytes32 laboratory, bytes32 owner);
    /// @notice Thrown when a public signal is not below the field order.
    error BatchProofsSignalOutOfField(uint256 signal);
    /// @notice Thrown when the verifier does not accept the proof.
    error BatchProofsNotProven(bytes32 journeyId, uint8 specification);

    /// @param specification Number in the journey's flow.
    /// @dev Only the oracle relays.
    function submit(bytes32 journeyId, uint8 specification, BatchProof calldata proof) external;

    /// @notice What is proven of a specification; stage None when nothing is.
    function proven(bytes32 journeyId, uint8 specification) external view returns (Proven memory);
    /// @notice What binds a proof to chain, contract, journey, specification and certificate.
    function context(bytes32 journeyId, uint8 specification, bytes32 certificateHash) external view returns (uint256);
}
