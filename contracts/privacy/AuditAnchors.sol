// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IAuditAnchors} from "../interfaces/IAuditAnchors.sol";

/// @title Anchors of audit trails, each longer than the one before.
contract AuditAnchors is IAuditAnchors, AccessControlDefaultAdminRules {
    bytes32 public constant ORACLE_ROLE = keccak256("ORACLE_ROLE");
    mapping(bytes32 trail => Anchor) private _anchors;

    constructor(uint48 adminDelay, address admin, address oracle) AccessControlDefaultAdminRules(adminDelay, admin) {
        _grantRole(ORACLE_ROLE, oracle);
    }

    function anchor(bytes32 trail, uint64 count, bytes32 head) external onlyRole(ORACLE_ROLE) {
        if (trail == 0 || head == 0) revert AuditAnchorsZeroValue();
        uint64 anchored = _anchors[trail].count;
        if (count <= anchored) revert AuditAnchorsNotLonger(trail, anchored, count);
        _anchors[trail] = Anchor(count, uint40(block.timestamp), head);
        emit AuditAnchored(trail, count, head);
    }

    function anchorOf(bytes32 trail) external view returns (Anchor memory) {
        return _anchors[trail];
    }
}
