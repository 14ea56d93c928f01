// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReleaseCondition} from "../../../contracts/interfaces/IReleaseCondition.sol";
import {IReleaseRegister} from "../../../contracts/interfaces/IReleaseRegister.sol";

/// @dev A release condition whose answer a test sets: one check of equipment on leg 0 for gate 0, none for others.
contract ProbeCondition is IReleaseCondition {
    IReleaseRegister.Status public status;

    function set(IReleaseRegister.Status status_) external {
        status = status_;
    }

    function releaseChecks(bytes32, uint32, uint8 gate)
        external
        view
        returns (IReleaseRegister.Check[] memory checks)
    {
        if (gate != 0) return checks;
        checks = new IReleaseRegister.Check[](1);
        checks[0] = IReleaseRegister.Check(IReleaseRegister.CheckKind.Equipment, 0, status);
    }
}
