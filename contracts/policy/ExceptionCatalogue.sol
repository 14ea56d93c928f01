// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IExceptionCatalogue} from "../interfaces/IExceptionCatalogue.sol";
import {IExceptionRegister} from "../interfaces/IExceptionRegister.sol";
import {Duties} from "../lib/Duties.sol";

/// @title What each exception code means.
/// @dev Filled at deployment from `services/model/custody/exception-catalogue.ts`, so that there is no moment at which a
///      known code counts as unknown.
contract ExceptionCatalogue is IExceptionCatalogue, AccessControlDefaultAdminRules {
    bytes32 public constant CATALOGUE_AUTHOR_ROLE = keccak256("CATALOGUE_AUTHOR_ROLE");

    bytes32[] private _codes;
    mapping(bytes32 code => Entry) private _entries;

    constructor(EntryDefinition[] memory definitions, uint48 adminDelay, address admin, address author)
        AccessControlDefaultAdminRules(adminDelay, admin)
    {
        for (uint256 i; i < definitions.length; ++i) {
            _register(definitions[i]);
        }
        _grantRole(CATALOGUE_AUTHOR_ROLE, author);
    }

    function register(EntryDefinition[] calldata definitions) external onlyRole(CATALOGUE_AUTHOR_ROLE) {
        for (uint256 i; i < definitions.length; ++i) {
            _register(definitions[i]);
        }
    }

    function entry(bytes32 code) external view returns (Entry memory found) {
        found = _entries[code];
        if (!found.known) {
            found.class = IExceptionRegister.Class.Critical;
            found.ownerDuties = Duties.QUALITY_ASSURANCE | Duties.QUALIFIED_PERSON;
        }
    }

    function codeCount() external view returns (uint256) {
        return _codes.length;
    }

    function codeAt(uint256 index) external view returns (bytes32) {
        return _codes[index];
    }

    function _register(EntryDefinition memory definition) private {
        bytes32 code = definition.code;
        if (code == 0 || !Duties.isValid(definition.ownerDuties)) revert ExceptionCatalogueInvalidEntry(code);
        if (_entries[code].known) revert ExceptionCatalogueCodeTaken(code);
        _codes.push(code);
        _entries[code] = Entry({
            class: definition.class,
            ownerDuties: definition.ownerDuties,
            reactWithinSeconds: definition.reactWithinSeconds,
            recalls: definition.recalls,
            known: true
        });
        emit CatalogueEntryRegistered(
            code, definition.class, definition.ownerDuties, definition.reactWithinSeconds, definition.recalls
        );
    }
}
