// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IExceptionRegister} from "./IExceptionRegister.sol";

/// @title What each exception code means: how grave it is, who reacts, how soon, and whether it recalls.
/// @notice Entries never change: an exception keeps the class it was raised under, and nobody makes one milder later.
///         A code that is not in the catalogue counts as critical and is due at once.
interface IExceptionCatalogue {
    struct EntryDefinition {
        bytes32 code; // ASCII, left-aligned ("sensor-gap")
        IExceptionRegister.Class class;
        uint16 ownerDuties; // bitmap of duties: who reacts first
        uint32 reactWithinSeconds;
        bool recalls; // raising it recalls what the journey's holders have
    }

    struct Entry {
        IExceptionRegister.Class class;
        uint16 ownerDuties;
        uint32 reactWithinSeconds;
        bool recalls;
        bool known;
    }

    event CatalogueEntryRegistered(
        bytes32 indexed code,
        IExceptionRegister.Class class,
        uint16 ownerDuties,
        uint32 reactWithinSeconds,
        bool recalls
    );

    /// @notice Thrown when a code is already in the catalogue.
    error ExceptionCatalogueCodeTaken(bytes32 code);
    /// @notice Thrown when a code is zero, its owner is nobody, or a duty does not exist.
    error ExceptionCatalogueInvalidEntry(bytes32 code);

    function register(EntryDefinition[] calldata definitions) external;

    /// @notice For an unknown code: critical, owned by quality assurance and the qualified person, due at once.
    function entry(bytes32 code) external view returns (Entry memory);
    function codeCount() external view returns (uint256);
    function codeAt(uint256 index) external view returns (bytes32);
}
