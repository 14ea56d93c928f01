// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Places of the public signals of the circuit `batch-release`.
/// @notice Generated from circuits/circuits.json by scripts/circuits/generate.ts; do not edit.
library BatchReleaseSignals {
    uint256 internal constant COUNT = 5;
    /// @notice Order of the scalar field: every public signal must be below it.
    uint256 internal constant FIELD_ORDER =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 internal constant TESTS = 16;
    uint256 internal constant PHASES = 32;

    /// @notice Chain, contract, journey, specification number and certificate: the top 253 bits of their Keccak-256.
    uint256 internal constant CONTEXT = 0;
    /// @notice Poseidon of the laboratory's BabyJubJub public key.
    uint256 internal constant LABORATORY_KEY_COMMITMENT = 1;
    /// @notice Commitment to the specification: document digest and acceptance criteria.
    uint256 internal constant SPECIFICATION_COMMITMENT = 2;
    /// @notice What the laboratory signed: context, specification, time, results and phases, salted.
    uint256 internal constant RESULTS_COMMITMENT = 3;
    /// @notice When the laboratory signed.
    uint256 internal constant SIGNED_AT = 4;
}
