// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The duties of a participant, one bit each.
/// @dev The TypeScript twin is `services/model/custody/roles.ts` (parity tested).
library Duties {
    uint16 internal constant TREATMENT_CENTRE = 1 << 0;
    uint16 internal constant APHERESIS_CENTRE = 1 << 1;
    uint16 internal constant MANUFACTURING_SITE = 1 << 2;
    uint16 internal constant LOGISTICS_PROVIDER = 1 << 3;
    uint16 internal constant QUALIFIED_PERSON = 1 << 4;
    uint16 internal constant REGULATOR = 1 << 5;
    uint16 internal constant AUDITOR = 1 << 6;
    uint16 internal constant ORACLE = 1 << 7;
    uint16 internal constant QUALITY_ASSURANCE = 1 << 8;
    uint16 internal constant TESTING_LABORATORY = 1 << 9;
    uint16 internal constant PAYER = 1 << 10;

    uint16 internal constant ALL = (1 << 11) - 1;

    /// @notice True when at least one duty is named and all of them exist.
    function isValid(uint16 roles) internal pure returns (bool) {
        return roles != 0 && roles & ~ALL == 0;
    }
}
