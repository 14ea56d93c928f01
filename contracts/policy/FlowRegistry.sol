// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IFlowRegistry} from "../interfaces/IFlowRegistry.sol";
import {
    FlowValidation,
    MAXIMUM_GATES,
    MAXIMUM_LEGS,
    MAXIMUM_PROFILES,
    MAXIMUM_SPECIFICATIONS,
    MAXIMUM_STEPS
} from "./FlowValidation.sol";

/// @title Immutable, versioned flow definitions and condition profiles.
/// @notice A new version is a new document and so a new flow number; a journey keeps the number it was opened with.
contract FlowRegistry is IFlowRegistry, AccessControlDefaultAdminRules {
    bytes32 public constant FLOW_AUTHOR_ROLE = keccak256("FLOW_AUTHOR_ROLE");

    /// @dev Arrays of fixed size: reading an item costs its own slot and no length.
    struct Flow {
        FlowHeader header;
        StepDefinition[MAXIMUM_STEPS] steps;
        LegDefinition[MAXIMUM_LEGS] legs;
        ConditionProfile[MAXIMUM_PROFILES] profiles;
        GateDefinition[MAXIMUM_GATES] gates;
        bytes32[MAXIMUM_SPECIFICATIONS] specifications;
    }

    uint32 public flowCount;
    mapping(bytes32 documentHash => uint32) public flowByDocument;
    mapping(uint32 flow => Flow) private _flows;

    constructor(uint48 adminDelay, address admin, address flowAuthor)
        AccessControlDefaultAdminRules(adminDelay, admin)
    {
        _grantRole(FLOW_AUTHOR_ROLE, flowAuthor);
    }

    function register(string calldata document, FlowDefinition calldata definition)
        external
        onlyRole(FLOW_AUTHOR_ROLE)
        returns (uint32 flow)
    {
        bytes32 documentHash = keccak256(bytes(document));
        if (flowByDocument[documentHash] != 0) {
            revert FlowRegistryAlreadyRegistered(documentHash, flowByDocument[documentHash]);
        }
        FlowValidation.requireValid(definition);
        flow = ++flowCount;
        flowByDocument[documentHash] = flow;
        _store(_flows[flow], documentHash, definition);
        emit FlowRegistered(flow, documentHash, document);
    }

    function header(uint32 flow) external view returns (FlowHeader memory) {
        return _flow(flow).header;
    }

    function step(uint32 flow, uint8 number) external view returns (StepDefinition memory) {
        if (number >= _flow(flow).header.stepCount) revert FlowRegistryInvalidStep(number);
        return _flows[flow].steps[number];
    }

    function leg(uint32 flow, uint8 number) external view returns (LegDefinition memory) {
        if (number >= _flow(flow).header.legCount) revert FlowRegistryInvalidLeg(number);
        return _flows[flow].legs[number];
    }

    function profile(uint32 flow, uint8 number) external view returns (ConditionProfile memory) {
        if (number >= _flow(flow).header.profileCount) revert FlowRegistryInvalidProfile(number);
        return _flows[flow].profiles[number];
    }

    function gate(uint32 flow, uint8 number) external view returns (GateDefinition memory) {
        if (number >= _flow(flow).header.gateCount) revert FlowRegistryInvalidGate(number);
        return _flows[flow].gates[number];
    }

    function specification(uint32 flow, uint8 number) external view returns (bytes32) {
        if (number >= _flow(flow).header.specificationCount) revert FlowRegistryInvalidSpecification(number);
        return _flows[flow].specifications[number];
    }

    function legProfile(uint32 flow, uint8 number)
        external
        view
        returns (LegDefinition memory definition, ConditionProfile memory)
    {
        if (number >= _flow(flow).header.legCount) revert FlowRegistryInvalidLeg(number);
        definition = _flows[flow].legs[number];
        return (definition, _flows[flow].profiles[definition.profile]);
    }

    function stepRules(uint32 flow, uint8 number)
        external
        view
        returns (StepDefinition memory definition, uint32 lateEntryToleranceSeconds, uint32 handoverToleranceSeconds)
    {
        FlowHeader storage found = _flow(flow).header;
        if (number < found.stepCount) definition = _flows[flow].steps[number];
        return (definition, found.lateEntryToleranceSeconds, found.handoverToleranceSeconds);
    }

    /// @dev Every registered flow has a step, so no step means no flow.
    function _flow(uint32 flow) private view returns (Flow storage found) {
        found = _flows[flow];
        if (found.header.stepCount == 0) revert FlowRegistryUnknownFlow(flow);
    }

    function _store(Flow storage flow, bytes32 documentHash, FlowDefinition calldata definition) private {
        flow.header = FlowHeader({
            documentHash: documentHash,
            lateEntryToleranceSeconds: definition.lateEntryToleranceSeconds,
            handoverToleranceSeconds: definition.handoverToleranceSeconds,
            authorityNotificationSeconds: definition.authorityNotificationSeconds,
            stepCount: uint8(definition.steps.length),
            legCount: uint8(definition.legs.length),
            profileCount: uint8(definition.profiles.length),
            gateCount: uint8(definition.gates.length),
            specificationCount: uint8(definition.specifications.length)
        });
        for (uint256 i; i < definition.steps.length; ++i) {
            flow.steps[i] = definition.steps[i];
        }
        for (uint256 i; i < definition.legs.length; ++i) {
            flow.legs[i] = definition.legs[i];
        }
        for (uint256 i; i < definition.profiles.length; ++i) {
            flow.profiles[i] = definition.profiles[i];
        }
        for (uint256 i; i < definition.gates.length; ++i) {
            flow.gates[i] = definition.gates[i];
        }
        for (uint256 i; i < definition.specifications.length; ++i) {
            flow.specifications[i] = definition.specifications[i];
        }
    }
}
