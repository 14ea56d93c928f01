// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ConditionTerms} from "../compliance/ConditionTerms.sol";
import {IFlowRegistry} from "../interfaces/IFlowRegistry.sol";
import {Duties} from "../lib/Duties.sol";

// Outside the library, since only such constants may size an array.
uint256 constant MAXIMUM_STEPS = 64;
uint256 constant MAXIMUM_LEGS = 16;
uint256 constant MAXIMUM_PROFILES = 8;
uint256 constant MAXIMUM_GATES = 8;
uint256 constant MAXIMUM_SPECIFICATIONS = 8;

/// @dev Nobody's identity is checked by more persons than that.
uint256 constant MAXIMUM_PERSONS = 2;

/// @title What a flow definition must satisfy before it becomes immutable.
library FlowValidation {
    function requireValid(IFlowRegistry.FlowDefinition calldata definition) internal pure {
        _requireCounts(definition);
        for (uint8 i; i < definition.steps.length; ++i) {
            if (!_isStep(definition, i)) revert IFlowRegistry.FlowRegistryInvalidStep(i);
        }
        for (uint8 i; i < definition.profiles.length; ++i) {
            if (!_isProfile(definition.profiles[i])) revert IFlowRegistry.FlowRegistryInvalidProfile(i);
        }
        for (uint8 i; i < definition.legs.length; ++i) {
            _requireLeg(definition, i);
        }
        for (uint8 i; i < definition.specifications.length; ++i) {
            if (!_isSpecification(definition, i)) revert IFlowRegistry.FlowRegistryInvalidSpecification(i);
        }
        for (uint8 i; i < definition.gates.length; ++i) {
            if (!_isGate(definition, i)) revert IFlowRegistry.FlowRegistryInvalidGate(i);
        }
        _requireCompletable(definition);
    }

    function _requireCounts(IFlowRegistry.FlowDefinition calldata definition) private pure {
        uint256 steps = definition.steps.length;
        uint256 legs = definition.legs.length;
        uint256 profiles = definition.profiles.length;
        uint256 gates = definition.gates.length;
        uint256 specifications = definition.specifications.length;
        bool inRange = steps != 0 && steps <= MAXIMUM_STEPS && legs <= MAXIMUM_LEGS && profiles <= MAXIMUM_PROFILES
            && gates <= MAXIMUM_GATES && specifications <= MAXIMUM_SPECIFICATIONS;
        if (!inRange) revert IFlowRegistry.FlowRegistryCountOutOfRange(steps, legs, profiles, gates, specifications);
    }

    function _isStep(IFlowRegistry.FlowDefinition calldata definition, uint8 number) private pure returns (bool) {
        IFlowRegistry.StepDefinition calldata step = definition.steps[number];
        return Duties.isValid(step.roles) && _isWithin(step.prerequisites, definition.steps.length)
            && step.identityCheckPersons <= MAXIMUM_PERSONS
            && (step.prerequisites >> number) & 1 == 0 && step.requiredGate <= definition.gates.length
            && _isLimit(definition, number, step.firstLimitAnchor, step.firstLimitSeconds)
            && _isLimit(definition, number, step.secondLimitAnchor, step.secondLimitSeconds);
    }

    /// @dev `anchor` is a step number + 1; zero means no limit, and then there is no time either.
    function _isLimit(IFlowRegistry.FlowDefinition calldata definition, uint8 number, uint8 anchor, uint32 time)
        private
        pure
        returns (bool)
    {
        if (anchor == 0) return time == 0;
        return anchor <= definition.steps.length && anchor - 1 != number && definition.steps[anchor - 1].anchor;
    }

    function _isProfile(IFlowRegistry.ConditionProfile calldata profile) private pure returns (bool) {
        if (profile.longestGapSeconds == 0 || profile.longestDurationSeconds == 0) return false;
        uint256 unit = ConditionTerms.timeUnitSeconds(profile.longestGapSeconds);
        return profile.minimumCentikelvin <= profile.maximumCentikelvin
            && ConditionTerms.isTiltLimit(profile.tiltLimitDegrees)
            && profile.temperatureBudgetSeconds / unit <= ConditionTerms.MAXIMUM_BUDGET_TICKS
            && profile.tiltBudgetSeconds / unit <= ConditionTerms.MAXIMUM_BUDGET_TICKS;
    }

    function _requireLeg(IFlowRegistry.FlowDefinition calldata definition, uint8 number) private pure {
        IFlowRegistry.LegDefinition calldata leg = definition.legs[number];
        uint256 steps = definition.steps.length;
        bool exists = leg.startStep < steps && leg.endStep < steps && leg.startStep != leg.endStep
            && leg.profile < definition.profiles.length;
        if (!exists) revert IFlowRegistry.FlowRegistryInvalidLeg(number);
        if (!definition.steps[leg.startStep].anchor) revert IFlowRegistry.FlowRegistryInvalidStep(leg.startStep);
        if (!definition.steps[leg.endStep].anchor) revert IFlowRegistry.FlowRegistryInvalidStep(leg.endStep);
    }

    function _isGate(IFlowRegistry.FlowDefinition calldata definition, uint8 number) private pure returns (bool) {
        IFlowRegistry.GateDefinition calldata gate = definition.gates[number];
        return Duties.isValid(gate.roles) && _isWithin(gate.requiredSteps, definition.steps.length)
            && _isWithin(gate.requiredLegs, definition.legs.length)
            && _isWithin(gate.requiredSpecifications, definition.specifications.length)
            && _isWithin(gate.requiredGates, definition.gates.length) && (gate.requiredGates >> number) & 1 == 0;
    }

    function _isSpecification(IFlowRegistry.FlowDefinition calldata definition, uint8 number)
        private
        pure
        returns (bool)
    {
        bytes32 documentHash = definition.specifications[number];
        for (uint256 i; i < number; ++i) {
            if (definition.specifications[i] == documentHash) return false;
        }
        return documentHash != 0;
    }

    /// @dev Walks the flow as a faultless journey would, until nothing more can be done. What is left waits for itself.
    function _requireCompletable(IFlowRegistry.FlowDefinition calldata definition) private pure {
        uint256 steps;
        uint256 gates;
        bool moved = true;
        while (moved) {
            moved = false;
            for (uint256 i; i < definition.steps.length; ++i) {
                if ((steps >> i) & 1 == 1 || !_isStepOpen(definition, i, steps, gates)) continue;
                steps |= 1 << i;
                moved = true;
            }
            for (uint256 i; i < definition.gates.length; ++i) {
                if ((gates >> i) & 1 == 1 || !_isGateOpen(definition, i, steps, gates)) continue;
                gates |= 1 << i;
                moved = true;
            }
        }
        for (uint8 i; i < definition.steps.length; ++i) {
            if ((steps >> i) & 1 == 0) revert IFlowRegistry.FlowRegistryInvalidStep(i);
        }
        for (uint8 i; i < definition.gates.length; ++i) {
            if ((gates >> i) & 1 == 0) revert IFlowRegistry.FlowRegistryInvalidGate(i);
        }
    }

    function _isStepOpen(
        IFlowRegistry.FlowDefinition calldata definition,
        uint256 number,
        uint256 stepsDone,
        uint256 gatesDone
    ) private pure returns (bool) {
        IFlowRegistry.StepDefinition calldata step = definition.steps[number];
        if (step.prerequisites & ~stepsDone != 0) return false;
        return step.requiredGate == 0 || (gatesDone >> (step.requiredGate - 1)) & 1 == 1;
    }

    function _isGateOpen(
        IFlowRegistry.FlowDefinition calldata definition,
        uint256 number,
        uint256 stepsDone,
        uint256 gatesDone
    ) private pure returns (bool) {
        IFlowRegistry.GateDefinition calldata gate = definition.gates[number];
        if (gate.requiredSteps & ~stepsDone != 0 || gate.requiredGates & ~gatesDone != 0) return false;
        for (uint256 i; i < definition.legs.length; ++i) {
            if ((gate.requiredLegs >> i) & 1 == 0) continue;
            uint256 ends = (1 << definition.legs[i].startStep) | (1 << definition.legs[i].endStep);
            if (ends & ~stepsDone != 0) return false;
        }
        return true;
    }

    function _isWithin(uint256 bitmap, uint256 count) private pure returns (bool) {
        return bitmap >> count == 0;
    }
}
