// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ISpecificationRegistry} from "../interfaces/ISpecificationRegistry.sol";
import {BatchReleaseSignals} from "../verifiers/generated/BatchReleaseSignals.sol";

/// @title Immutable release specifications, named by the hash of their document.
/// @notice A changed specification is another document, and so another flow.
contract SpecificationRegistry is ISpecificationRegistry, AccessControlDefaultAdminRules {
    bytes32 public constant SPECIFICATION_AUTHOR_ROLE = keccak256("SPECIFICATION_AUTHOR_ROLE");

    mapping(bytes32 documentHash => Commitments) private _commitments;

    constructor(uint48 adminDelay, address admin, address author) AccessControlDefaultAdminRules(adminDelay, admin) {
        _grantRole(SPECIFICATION_AUTHOR_ROLE, author);
    }

    function register(string calldata document, Commitments calldata commitments)
        external
        onlyRole(SPECIFICATION_AUTHOR_ROLE)
    {
        bytes32 documentHash = keccak256(bytes(document));
        if (_commitments[documentHash].finalStage != 0) revert SpecificationRegistryAlreadyRegistered(documentHash);
        _requireCommitment(commitments.firstStage);
        _requireCommitment(commitments.finalStage);
        _commitments[documentHash] = commitments;
        emit SpecificationRegistered(documentHash, commitments.firstStage, commitments.finalStage, document);
    }

    function commitmentsOf(bytes32 documentHash) external view returns (Commitments memory) {
        return _commitments[documentHash];
    }

    function _requireCommitment(uint256 commitment) private pure {
        if (commitment == 0 || commitment >= BatchReleaseSignals.FIELD_ORDER) {
            revert SpecificationRegistryInvalidCommitment(commitment);
        }
    }
}
