// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ICustodyLedger} from "../interfaces/ICustodyLedger.sol";
import {IEquipmentRegistry} from "../interfaces/IEquipmentRegistry.sol";
import {IExceptionRegister} from "../interfaces/IExceptionRegister.sol";
import {IFlowRegistry} from "../interfaces/IFlowRegistry.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {IReleaseRegister} from "../interfaces/IReleaseRegister.sol";
import {Duties} from "../lib/Duties.sol";
import {ExceptionCodes} from "../lib/ExceptionCodes.sol";
import {SigningTime} from "../lib/SigningTime.sol";

/// @title What may carry cells, and over which way: shippers and lanes, their qualification, and every use.
/// @dev The TypeScript twin of the rules is `services/model/custody/equipment.ts` (parity tested).
contract EquipmentRegistry is IEquipmentRegistry, EIP712, AccessControlDefaultAdminRules {
    bytes32 public constant EQUIPMENT_REGISTRAR_ROLE = keccak256("EQUIPMENT_REGISTRAR_ROLE");
    bytes32 public constant ORACLE_ROLE = keccak256("ORACLE_ROLE");
    bytes32 public constant EQUIPMENT_ACCEPTANCE_TYPEHASH = keccak256(
        "EquipmentAcceptance(bytes32 journeyId,uint8 leg,uint8 assignments,uint32 exceptionNumber,uint40 signedAt)"
    );

    /// @dev Keeps a leg's check affordable: each of its shippers is compared with the others.
    uint256 public constant MAXIMUM_SHIPPERS_PER_LEG = 8;
    uint256 private constant MAXIMUM_LEGS = 16;

    struct Period {
        uint40 from;
        uint40 until;
    }

    /// @dev For how many assignments a leg's shippers and lanes were accepted, plus one; zero for never. One more
    ///      assignment than was accepted, and the acceptance no longer stands.
    struct Accepted {
        uint8 shippers;
        uint8 lanes;
    }

    /// @dev What a leg's shippers and lanes are found to be, whatever was accepted of it.
    struct Finding {
        bool isOver;
        bool shippersFail;
        bool lanesFail;
        uint8 assigned;
    }

    IParticipantRegistry public immutable participants;
    IFlowRegistry public immutable flows;
    ICustodyLedger public immutable ledger;
    IExceptionRegister public immutable exceptions;

    mapping(bytes32 equipmentId => bytes32) public shipperDocument;
    mapping(bytes32 laneId => bytes32) public laneDocument;
    mapping(bytes32 equipmentId => Period[]) private _shipperPeriods;
    mapping(bytes32 laneId => Period[]) private _lanePeriods;
    /// @dev When a shipper was assigned to any leg; six to a slot, so that a long life is still read in one call.
    mapping(bytes32 equipmentId => uint40[]) private _uses;
    mapping(bytes32 journeyId => mapping(uint8 leg => Assignment[])) private _assignments;
    mapping(bytes32 journeyId => mapping(uint8 leg => Accepted)) private _accepted;

    constructor(
        IParticipantRegistry participants_,
        IFlowRegistry flows_,
        ICustodyLedger ledger_,
        IExceptionRegister exceptions_,
        uint48 adminDelay,
        address admin,
        address registrar,
        address oracle
    ) EIP712("Threadline", "1") AccessControlDefaultAdminRules(adminDelay, admin) {
        participants = participants_;
        flows = flows_;
        ledger = ledger_;
        exceptions = exceptions_;
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

    function acceptEquipment(
        bytes32 journeyId,
        uint8 leg,
        uint8 assigned,
        uint32 exceptionNumber,
        uint40 signedAt,
        bytes calldata signature
    ) external onlyRole(ORACLE_ROLE) {
        SigningTime.requireFresh(signedAt);
        Finding memory found = _finding(journeyId, leg);
        if (!found.isOver) revert EquipmentRegistryLegNotOver(journeyId, leg);
        if (found.assigned != assigned) {
            revert EquipmentRegistryAssignedSince(journeyId, leg, found.assigned, assigned);
        }
        bytes32 code = _acceptedCode(journeyId, leg, exceptionNumber);
        (bool shippers, bool lanes) = _open(journeyId, leg, found);
        bool ofShippers = code == ExceptionCodes.SHIPPER_NOT_QUALIFIED;
        if (ofShippers ? !shippers : !lanes) revert EquipmentRegistryNothingToAccept(journeyId, leg, code);
        (address signer,,) = ECDSA.tryRecover(
            equipmentAcceptanceDigest(journeyId, leg, assigned, exceptionNumber, signedAt), signature
        );
        (uint32 participant, uint16 roles) = participants.activeSigner(signer);
        if (roles & Duties.QUALIFIED_PERSON == 0) {
            revert EquipmentRegistryNotAuthorised(signer, roles, Duties.QUALIFIED_PERSON);
        }
        if (ofShippers) _accepted[journeyId][leg].shippers = assigned + 1;
        else _accepted[journeyId][leg].lanes = assigned + 1;
        emit EquipmentAccepted(
            journeyId, leg, code, assigned, exceptionNumber, participant, signer, signedAt, signature
        );
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

    function legStatus(bytes32 journeyId, uint8 leg) public view returns (IReleaseRegister.Status) {
        Finding memory found = _finding(journeyId, leg);
        (bool shippers, bool lanes) = _open(journeyId, leg, found);
        // While no shipper is named, one may still be: nothing is known against the leg.
        if (found.assigned == 0 && (shippers || !found.isOver)) return IReleaseRegister.Status.Pending;
        if (shippers || lanes) return IReleaseRegister.Status.NotCompliant;
        if (!found.isOver) return IReleaseRegister.Status.Pending;
        bool accepted = found.shippersFail || found.lanesFail;
        return accepted ? IReleaseRegister.Status.Completed : IReleaseRegister.Status.Compliant;
    }

    function openFindings(bytes32 journeyId, uint8 leg) external view returns (bool shippers, bool lanes, uint8 assigned) {
        Finding memory found = _finding(journeyId, leg);
        if (found.isOver) (shippers, lanes) = _open(journeyId, leg, found);
        assigned = found.assigned;
    }

    /// @notice The EIP-712 digest that a qualified person signs to accept what carried a leg.
    function equipmentAcceptanceDigest(
        bytes32 journeyId,
        uint8 leg,
        uint8 assigned,
        uint32 exceptionNumber,
        uint40 signedAt
    ) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(EQUIPMENT_ACCEPTANCE_TYPEHASH, journeyId, leg, assigned, exceptionNumber, signedAt)
            )
        );
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

    /// @dev The qualification is looked at from each shipper's assignment to the next one's, or to the leg's end.
    function _finding(bytes32 journeyId, uint8 leg) private view returns (Finding memory found) {
        uint32 flow = _requireLeg(journeyId, leg);
        Assignment[] memory list = _assignments[journeyId][leg];
        IFlowRegistry.LegDefinition memory definition = flows.leg(flow, leg);
        uint40 start = ledger.stepOccurredAt(journeyId, definition.startStep);
        uint40 end = ledger.stepOccurredAt(journeyId, definition.endStep);
        uint40 first = type(uint40).max;
        for (uint256 i; i < list.length; ++i) {
            uint40 from = list[i].assignedAt;
            uint40 to = _endOfUse(list, from, end);
            if (!found.shippersFail) found.shippersFail = !isShipperQualified(list[i].equipmentId, from, to);
            if (!found.lanesFail) found.lanesFail = !isLaneQualified(list[i].laneId, from, to);
            if (from < first) first = from;
        }
        found.isOver = start != 0 && end != 0;
        found.assigned = uint8(list.length);
        if (start != 0 && first > uint256(start) + flows.header(flow).handoverToleranceSeconds) {
            found.shippersFail = true;
        }
    }

    /// @dev What of a finding nobody has accepted.
    function _open(bytes32 journeyId, uint8 leg, Finding memory found)
        private
        view
        returns (bool shippers, bool lanes)
    {
        Accepted memory accepted = _accepted[journeyId][leg];
        shippers = found.shippersFail && accepted.shippers != found.assigned + 1;
        lanes = found.lanesFail && accepted.lanes != found.assigned + 1;
    }

    /// @dev The code of an accepted exception of the leg: of its shippers or of its lanes.
    function _acceptedCode(bytes32 journeyId, uint8 leg, uint32 exceptionNumber) private view returns (bytes32 code) {
        IExceptionRegister.ExceptionRecord memory record = exceptions.exceptionAt(journeyId, exceptionNumber);
        code = record.code;
        bool covers = record.leg == leg + 1 && exceptions.isAccepted(journeyId, exceptionNumber)
            && (code == ExceptionCodes.SHIPPER_NOT_QUALIFIED || code == ExceptionCodes.LANE_NOT_QUALIFIED);
        if (!covers) revert EquipmentRegistryExceptionDoesNotCover(journeyId, leg, exceptionNumber, code);
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
