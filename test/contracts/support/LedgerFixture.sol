// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ParticipantRegistry} from "../../../contracts/consortium/ParticipantRegistry.sol";
import {CustodyLedger} from "../../../contracts/custody/CustodyLedger.sol";
import {ExceptionRegister} from "../../../contracts/custody/ExceptionRegister.sol";
import {ExceptionCatalogue} from "../../../contracts/policy/ExceptionCatalogue.sol";
import {IExceptionCatalogue} from "../../../contracts/interfaces/IExceptionCatalogue.sol";
import {IExceptionRegister} from "../../../contracts/interfaces/IExceptionRegister.sol";
import {ReleaseRegister} from "../../../contracts/compliance/ReleaseRegister.sol";
import {FlowRegistry} from "../../../contracts/policy/FlowRegistry.sol";
import {IConditionProofs} from "../../../contracts/interfaces/IConditionProofs.sol";
import {ICustodyLedger} from "../../../contracts/interfaces/ICustodyLedger.sol";
import {IDispositionRegister} from "../../../contracts/interfaces/IDispositionRegister.sol";
import {IReleaseCondition} from "../../../contracts/interfaces/IReleaseCondition.sol";
import {IFlowRegistry} from "../../../contracts/interfaces/IFlowRegistry.sol";
import {vm} from "./Vm.sol";

/// @dev The custody contracts with this contract in every role, a small flow without legs, and four participants:
///      1 a treatment centre, 2 a carrier, 3 a qualified person with two accounts (actors 2 and 3), 4 quality assurance
///      (actor 4).
contract LedgerFixture {
    uint256 internal constant ACTORS = 5;
    uint8 internal constant STEPS = 5;
    uint8 internal constant GATES = 2;
    uint40 internal constant START = 1_800_000_000;

    ParticipantRegistry public participants;
    FlowRegistry public flows;
    ExceptionCatalogue public catalogue;
    ExceptionRegister public exceptions;
    CustodyLedger public ledger;
    ReleaseRegister public releases;

    constructor() {
        vm.warp(START);
        participants = new ParticipantRegistry(0, address(this), address(this));
        flows = new FlowRegistry(0, address(this), address(this));
        catalogue = new ExceptionCatalogue(_entries(), 0, address(this), address(this));
        exceptions = new ExceptionRegister(participants, catalogue, 0, address(this), address(this), address(this));
        ledger = new CustodyLedger(participants, flows, exceptions, 0, address(this), address(this), address(this));
        releases = new ReleaseRegister(
            participants, flows, ledger, IConditionProofs(address(0)), exceptions, IDispositionRegister(address(0)), new IReleaseCondition[](0), 0, address(this), address(this)
        );
        exceptions.grantRole(exceptions.RAISER_ROLE(), address(ledger));
        ledger.grantRole(ledger.RELEASE_ROLE(), address(releases));
        ledger.revokeRole(ledger.RELEASE_ROLE(), address(this));
        participants.register(keccak256("clinic"), 1, vm.addr(_key(0)), true);
        participants.register(keccak256("carrier"), 8, vm.addr(_key(1)), true);
        participants.register(keccak256("quality"), 16, vm.addr(_key(2)), false);
        participants.addAccount(keccak256("quality"), vm.addr(_key(3)), false);
        participants.register(keccak256("assurance"), 256, vm.addr(_key(4)), false);
        flows.register("fixture", _flow());
    }

    function _key(uint256 actor) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("threadline development key", actor)));
    }

    function _signedEvent(uint256 actor, bytes32 journeyId, uint32 sequence, uint8 step, uint40 occurredAt)
        internal
        view
        returns (ICustodyLedger.CustodyEvent memory)
    {
        bytes32 commitment = keccak256(abi.encode(journeyId, sequence, step));
        bytes32 digest = ledger.custodyEventDigest(journeyId, commitment, sequence, step, occurredAt);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key(actor), digest);
        bytes32 vs = bytes32(uint256(s) | (uint256(v - 27) << 255));
        return ICustodyLedger.CustodyEvent(journeyId, commitment, sequence, step, occurredAt, r, vs);
    }

    function _signature(uint256 actor, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key(actor), digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev The codes of the ledger's own rules, and one of each class that a test may raise.
    function _entries() private pure returns (IExceptionCatalogue.EntryDefinition[] memory entries) {
        entries = new IExceptionCatalogue.EntryDefinition[](8);
        entries[0] = _entry("actor-not-authorised", IExceptionRegister.Class.Major);
        entries[1] = _entry("step-out-of-order", IExceptionRegister.Class.Major);
        entries[2] = _entry("time-limit-exceeded", IExceptionRegister.Class.Major);
        entries[3] = _entry("custody-gap", IExceptionRegister.Class.Critical);
        entries[4] = _entry("late-entry", IExceptionRegister.Class.Minor);
        entries[5] = _entry("clock-skew", IExceptionRegister.Class.Minor);
        entries[6] = _entry("sensor-gap", IExceptionRegister.Class.Major);
        entries[7] = _entry("operator-comment", IExceptionRegister.Class.Informational);
    }

    function _entry(bytes32 code, IExceptionRegister.Class class)
        private
        pure
        returns (IExceptionCatalogue.EntryDefinition memory)
    {
        return IExceptionCatalogue.EntryDefinition(code, class, 256, 3600, false);
    }

    /// @dev take, release, accept, a repeatable note, and a step behind gate 0; gate 1 waits for the second step and for gate 0.
    function _flow() private pure returns (IFlowRegistry.FlowDefinition memory definition) {
        definition.lateEntryToleranceSeconds = 3600;
        definition.handoverToleranceSeconds = 1800;
        definition.steps = new IFlowRegistry.StepDefinition[](STEPS);
        definition.steps[0] = _step(0, 1, IFlowRegistry.Custody.Take);
        definition.steps[0].anchor = true;
        definition.steps[1] = _step(1, 1, IFlowRegistry.Custody.Release);
        definition.steps[2] = _step(2, 8, IFlowRegistry.Custody.Accept);
        definition.steps[2].anchor = true;
        definition.steps[2].firstLimitAnchor = 1;
        definition.steps[2].firstLimitSeconds = 7200;
        definition.steps[3] = _step(0, 0xff, IFlowRegistry.Custody.None);
        definition.steps[3].repeatable = true;
        definition.steps[4] = _step(0, 8, IFlowRegistry.Custody.Hold);
        definition.steps[4].requiredGate = 1;
        definition.gates = new IFlowRegistry.GateDefinition[](GATES);
        definition.gates[0].requiredSteps = 1;
        definition.gates[0].roles = 16;
        definition.gates[0].ownKey = true;
        definition.gates[1].requiredSteps = 2;
        definition.gates[1].requiredGates = 1;
        definition.gates[1].roles = 16;
    }

    function _step(uint64 prerequisites, uint16 roles, IFlowRegistry.Custody custody)
        private
        pure
        returns (IFlowRegistry.StepDefinition memory step)
    {
        step.prerequisites = prerequisites;
        step.roles = roles;
        step.custody = custody;
    }
}
