// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The generated Groth16 verifier of the circuit `batch-release`.
interface IBatchReleaseVerifier {
    function verifyProof(
        uint256[2] calldata proofA,
        uint256[2][2] calldata proofB,
        uint256[2] calldata proofC,
        uint256[5] calldata publicSignals
    ) external view returns (bool);
}
