// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ICustodyLedger} from "../interfaces/ICustodyLedger.sol";
import {IEquipmentRegistry} from "../interfaces/IEquipmentRegistry.sol";
import {IFlowRegistry} from "../interfaces/IFlowRegistry.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {IReleaseRegister} from "../interfaces/IReleaseRegister.sol";

/// @title What may carry cells, and over which way: shippers and lanes, their qualification, and every use.
/// @dev The TypeScript twin of the rules is `services/model/custody/equipment.ts` (parity tested).
contract EquipmentRegistry is IEquipmentRegistry, AccessControlDefaultAdminRules {
    bytes32 public constant EQUIPMENT_REGISTRAR_ROLE = keccak256("EQUIPMENT_REGISTRAR_ROLE");
    bytes32 public constant ORACLE_ROLE = keccak256("ORACLE_ROLE");

    /// @dev Keeps a leg's check affordable: each of its shippers is compared with the others.
    uint256 public constant MAXIMUM_SHIPPERS_PER_LEG = 8;
    uint256 private constant MAXIMUM_LEGS = 16;

    struct Period {
        uint40 from;
        uint40 until;
    }

    IParticipantRegistry public immutable participants;
    IFlowRegistry public immutable flows;
    ICustodyLedger public immutable ledger;

    mapping(bytes32 equipmentId => bytes32) public shipperDocument;
    mapping(bytes32 laneId => bytes32) public laneDocument;
    mapping(bytes32 equipmentId => Period[]) private _shipperPeriods;
    mapping(bytes32 laneId => Period[]) private _lanePeriods;
    /// @dev When a shipper was assigned to any leg; six to a slot, so that a long life is still read in one call.
    mapping(bytes32 equipmentId => uint40[]) private _uses;
    mapping(bytes32 journeyId => mapping(uint8 leg => Assignment[])) private _assignments;

    constructor(
        IParticipantRegistry participants_,
        IFlowRegistry flows_,
        ICustodyLedger ledger_,
        uint48 adminDelay,
        address admin,
        address registrar,
        address oracle
    ) AccessControlDefaultAdminRules(adminDelay, admin) {
        participants = participants_;
        flows = flows_;
        ledger = ledger_;
        _grantRole(EQUIPMENT_REGISTRAR_ROLE, registrar);
        _grantRole(ORACLE_ROLE, oracle);
    }

    function registerShipper(bytes32 equipmentId, bytes32 owner, bytes32 documentHash)
        external
        onlyRole(EQUIPMENT_REGISTRAR_ROLE)
    {
        if (shipperDocument[equipmentId] != 0) revert EquipmentRegistryShipperExists(equipmentId);
        if (documentHash == 0) revert EquipmentRegistryDocumentMissing(equipmentId);
        if (participants.participant(owner).index == 0) revert EquipmentRegistryUnknownOwner(owner);
        shipperDocument[equipmentId] = documentHash;
        emit ShipperRegistered(equipmentId, owner, documentHash);
    }

    function qualifyShipper(
        bytes32 equipmentId,
        uint40 qualifiedFrom,
        uint40 qualifiedUntil,
        bytes32 certificateHash
    ) external onlyRole(EQUIPMENT_REGISTRAR_ROLE) {
        if (shipperDocument[equipmentId] == 0) revert EquipmentRegistryUnknownShipper(equipmentId);
        _shipperPeriods[equipmentId].push(_period(qualifiedFrom, qualifiedUntil));
        emit ShipperQualified(equipmentId, qualifiedFrom, qualifiedUntil, certificateHash);
    }

    function registerLane(bytes32 laneId, bytes32 documentHash) external onlyRole(EQUIPMENT_REGISTRAR_ROLE) {
        if (laneDocument[laneId] != 0) revert EquipmentRegistryLaneExists(laneId);
        if (documentHash == 0) revert EquipmentRegistryDocumentMissing(laneId);
        laneDocument[laneId] = documentHash;
        emit LaneRegistered(laneId, documentHash);
    }

    function qualifyLane(bytes32 laneId, uint40 qualifiedFrom, uint40 qualifiedUntil, bytes32 certificateHash)
        external
        onlyRole(EQUIPMENT_REGISTRAR_ROLE)
    {
        if (laneDocument[laneId] == 0) revert EquipmentRegistryUnknownLane(laneId);
        _lanePeriods[laneId].push(_period(qualifiedFrom, qualifiedUntil));
        emit LaneQualified(laneId, qualifiedFrom, qualifiedUntil, certificateHash);
    }

    function assignShipper(bytes32 journeyId, uint8 leg, bytes32 equipmentId, bytes32 laneId, uint40 assignedAt)
        external
        onlyRole(ORACLE_ROLE)
    {
        _requireLeg(journeyId, leg);
        Assignment[] storage list = _assignments[journeyId][leg];
        if (list.length == MAXIMUM_SHIPPERS_PER_LEG) revert EquipmentRegistryTooManyShippers(journeyId, leg);
        for (uint256 i; i < list.length; ++i) {
            if (list[i].equipmentId == equipmentId && list[i].assignedAt == assignedAt) {
                revert EquipmentRegistryAlreadyAssigned(journeyId, leg, equipmentId, assignedAt);
            }
        }
        list.push(Assignment(equipmentId, laneId, assignedAt));
        _uses[equipmentId].push(assignedAt);
        emit ShipperAssigned(journeyId, leg, equipmentId, laneId, assignedAt);
    }

    function assignments(bytes32 journeyId, uint8 leg) external view returns (Assignment[] memory) {
        return _assignments[journeyId][leg];
    }

    /// @dev One check for each leg that the gate requires and that the flow wants in a shipper.
    function releaseChecks(bytes32 journeyId, uint32 flow, uint8 gate)
        external
        view
        returns (IReleaseRegister.Check[] memory list)
    {
        uint256 legs = flows.gate(flow, gate).requiredLegs;
        uint256 wanted;
        uint256 count;
        for (uint8 i; i < MAXIMUM_LEGS; ++i) {
            if ((legs >> i) & 1 == 0 || !flows.leg(flow, i).shipper) continue;
            wanted |= 1 << i;
            ++count;
        }
        list = new IReleaseRegister.Check[](count);
        uint256 next;
        for (uint8 i; i < MAXIMUM_LEGS; ++i) {
            if ((wanted >> i) & 1 == 0) continue;
            list[next++] = IReleaseRegister.Check(IReleaseRegister.CheckKind.Equipment, i, legStatus(journeyId, i));
        }
    }

    /// @dev The qualification is looked at from each shipper's assignment to the next one's, or to the leg's end.
    function legStatus(bytes32 journeyId, uint8 leg) public view returns (IReleaseRegister.Status) {
        uint32 flow = _requireLeg(journeyId, leg);
        Assignment[] memory list = _assignments[journeyId][leg];
        if (list.length == 0) return IReleaseRegister.Status.Pending;
        IFlowRegistry.LegDefinition memory definition = flows.leg(flow, leg);
        uint40 start = ledger.stepOccurredAt(journeyId, definition.startStep);
        uint40 end = ledger.stepOccurredAt(journeyId, definition.endStep);
        uint40 first = type(uint40).max;
        for (uint256 i; i < list.length; ++i) {
            uint40 from = list[i].assignedAt;
            uint40 to = _endOfUse(list, from, end);
            if (!isShipperQualified(list[i].equipmentId, from, to) || !isLaneQualified(list[i].laneId, from, to)) {
                return IReleaseRegister.Status.NotCompliant;
            }
            if (from < first) first = from;
        }
        if (start == 0) return IReleaseRegister.Status.Pending;
        if (first > uint256(start) + flows.header(flow).handoverToleranceSeconds) {
            return IReleaseRegister.Status.NotCompliant;
        }
        return end == 0 ? IReleaseRegister.Status.Pending : IReleaseRegister.Status.Compliant;
    }

    /// @dev The newest qualification first: it is the one in force in nearly every call.
    function isShipperQualified(bytes32 equipmentId, uint40 from, uint40 to) public view returns (bool) {
        Period[] storage periods = _shipperPeriods[equipmentId];
        for (uint256 i = periods.length; i > 0; --i) {
            Period memory period = periods[i - 1];
            if (!_covers(period, from, to)) continue;
            if (_usesWithin(equipmentId, period.from, from, to) <= 1) return true;
        }
        return false;
    }

    function isLaneQualified(bytes32 laneId, uint40 from, uint40 to) public view returns (bool) {
        Period[] storage periods = _lanePeriods[laneId];
        for (uint256 i = periods.length; i > 0; --i) {
            if (_covers(periods[i - 1], from, to)) return true;
        }
        return false;
    }

    /// @dev Uses since a qualification began that came before this one, with it, or before it ended.
    function _usesWithin(bytes32 equipmentId, uint40 since, uint40 from, uint40 to)
        private
        view
        returns (uint256 count)
    {
        uint40[] memory uses = _uses[equipmentId];
        for (uint256 i; i < uses.length; ++i) {
            if (uses[i] >= since && (uses[i] <= from || uses[i] < to)) ++count;
        }
    }

    /// @dev When the next shipper of the leg took over, or the leg ended; the assignment itself while neither is known.
    function _endOfUse(Assignment[] memory list, uint40 from, uint40 legEnd) private pure returns (uint40 to) {
        to = legEnd;
        for (uint256 i; i < list.length; ++i) {
            uint40 other = list[i].assignedAt;
            if (other > from && (to == 0 || other < to)) to = other;
        }
        if (to < from) to = from;
    }

    function _requireLeg(bytes32 journeyId, uint8 leg) private view returns (uint32 flow) {
        flow = ledger.journey(journeyId).flow;
        if (leg >= flows.header(flow).legCount) revert EquipmentRegistryUnknownLeg(journeyId, leg);
    }

    function _period(uint40 from, uint40 until) private pure returns (Period memory) {
        if (until <= from) revert EquipmentRegistryInvalidQualification(from, until);
        return Period(from, until);
    }

    function _covers(Period memory period, uint40 from, uint40 to) private pure returns (bool) {
        return period.from <= from && from <= to && to <= period.until;
    }
}
