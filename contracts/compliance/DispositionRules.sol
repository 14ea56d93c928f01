// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDispositionRegister} from "../interfaces/IDispositionRegister.sol";
import {Duties} from "../lib/Duties.sol";

/// @title Which disposition follows which, who decides, and how an out-of-specification batch goes.
/// @dev The TypeScript twin is `services/model/custody/disposition.ts` (parity tested).
library DispositionRules {
    /// @notice Decisions that may follow, one bit each.
    ///
    ///         from \ to              accepted  conditionally  on-hold  rejected  rework  exceptional
    ///         none                      x            x           x        x        x         x
    ///         accepted                                           x        x
    ///         conditionally accepted    x                        x        x        x
    ///         on hold                   x            x                    x        x         x
    ///         rejected                                                             x
    ///         rework                    x            x           x        x                  x
    ///         exceptional release                                x        x
    ///
    ///         Beside the table: an out-of-specification way that was begun allows neither acceptance; the exceptional
    ///         release needs the physician's confirmation; rework ends a way that was begun and is refused after an
    ///         exceptional release, whose authority must still be notified.
    function followers(IDispositionRegister.Decision from) internal pure returns (uint256) {
        if (from == IDispositionRegister.Decision.None) return _bits(1, 1, 1, 1, 1, 1);
        if (from == IDispositionRegister.Decision.Accepted) return _bits(0, 0, 1, 1, 0, 0);
        if (from == IDispositionRegister.Decision.ConditionallyAccepted) return _bits(1, 0, 1, 1, 1, 0);
        if (from == IDispositionRegister.Decision.OnHold) return _bits(1, 1, 0, 1, 1, 1);
        if (from == IDispositionRegister.Decision.Rejected) return _bits(0, 0, 0, 0, 1, 0);
        if (from == IDispositionRegister.Decision.Rework) return _bits(1, 1, 1, 1, 0, 1);
        return _bits(0, 0, 1, 1, 0, 0);
    }

    function mayFollow(IDispositionRegister.Decision from, IDispositionRegister.Decision to)
        internal
        pure
        returns (bool)
    {
        return (followers(from) >> uint8(to)) & 1 == 1;
    }

    /// @notice Whether the out-of-specification way stands where the decision needs it.
    function suitsStage(IDispositionRegister.Decision decision, IDispositionRegister.Stage stage)
        internal
        pure
        returns (bool)
    {
        if (decision == IDispositionRegister.Decision.Accepted || decision == IDispositionRegister.Decision.ConditionallyAccepted)
        {
            return stage == IDispositionRegister.Stage.None;
        }
        if (decision == IDispositionRegister.Decision.ExceptionalRelease) {
            return stage >= IDispositionRegister.Stage.Confirmed;
        }
        if (decision == IDispositionRegister.Decision.Rework) return stage < IDispositionRegister.Stage.Released;
        return true;
    }

    /// @notice Any of these duties decides. A hold is open to whoever watches over quality; all else is the qualified person's.
    function deciders(IDispositionRegister.Decision decision) internal pure returns (uint16) {
        return decision == IDispositionRegister.Decision.OnHold
            ? Duties.QUALIFIED_PERSON | Duties.QUALITY_ASSURANCE | Duties.REGULATOR
            : Duties.QUALIFIED_PERSON;
    }

    /// @notice Whether a decision judges what was recalled: the batch may go on, and by whose word.
    function letsGo(IDispositionRegister.Decision decision) internal pure returns (bool) {
        return decision == IDispositionRegister.Decision.Accepted
            || decision == IDispositionRegister.Decision.ConditionallyAccepted
            || decision == IDispositionRegister.Decision.ExceptionalRelease;
    }

    /// @notice Whether the decision holds every gate.
    function holds(IDispositionRegister.Decision decision) internal pure returns (bool) {
        return decision == IDispositionRegister.Decision.OnHold || decision == IDispositionRegister.Decision.Rejected
            || decision == IDispositionRegister.Decision.Rework;
    }

    /// @notice Any of these duties takes the step.
    function stepTakers(IDispositionRegister.Step step) internal pure returns (uint16) {
        if (step == IDispositionRegister.Step.RiskEvaluation) return Duties.MANUFACTURING_SITE | Duties.QUALIFIED_PERSON;
        if (step == IDispositionRegister.Step.AuthorityNotification) return Duties.MANUFACTURING_SITE;
        if (step == IDispositionRegister.Step.AuthorityAcknowledgement) return Duties.REGULATOR;
        return Duties.TREATMENT_CENTRE;
    }

    /// @notice Whether the step may be taken where the way and the batch stand. The way begins only where an exceptional
    ///         release could follow: not with a batch that is accepted or rejected.
    function isInOrder(
        IDispositionRegister.Step step,
        IDispositionRegister.Stage stage,
        IDispositionRegister.Decision decision
    ) internal pure returns (bool) {
        if (step == IDispositionRegister.Step.Request) {
            return stage == IDispositionRegister.Stage.None
                && mayFollow(decision, IDispositionRegister.Decision.ExceptionalRelease);
        }
        if (step == IDispositionRegister.Step.RiskEvaluation) return stage == IDispositionRegister.Stage.Requested;
        if (step == IDispositionRegister.Step.Confirmation) return stage == IDispositionRegister.Stage.Evaluated;
        if (step == IDispositionRegister.Step.Withdrawal) {
            return stage != IDispositionRegister.Stage.None && stage < IDispositionRegister.Stage.Released;
        }
        if (step == IDispositionRegister.Step.AuthorityNotification) return stage == IDispositionRegister.Stage.Released;
        return stage == IDispositionRegister.Stage.AuthorityNotified;
    }

    /// @notice Where the way stands after a step.
    function stageAfter(IDispositionRegister.Step step) internal pure returns (IDispositionRegister.Stage) {
        if (step == IDispositionRegister.Step.Request) return IDispositionRegister.Stage.Requested;
        if (step == IDispositionRegister.Step.RiskEvaluation) return IDispositionRegister.Stage.Evaluated;
        if (step == IDispositionRegister.Step.Confirmation) return IDispositionRegister.Stage.Confirmed;
        if (step == IDispositionRegister.Step.Withdrawal) return IDispositionRegister.Stage.None;
        if (step == IDispositionRegister.Step.AuthorityNotification) return IDispositionRegister.Stage.AuthorityNotified;
        return IDispositionRegister.Stage.AuthorityAcknowledged;
    }

    /// @notice Whether only the participant who asked may take the step.
    function isRequesters(IDispositionRegister.Step step) internal pure returns (bool) {
        return step == IDispositionRegister.Step.Confirmation || step == IDispositionRegister.Step.Withdrawal;
    }

    /// @dev Bits in the order of `Decision`, whose first, None, follows nothing.
    function _bits(uint256 accepted, uint256 conditionally, uint256 onHold, uint256 rejected, uint256 rework, uint256 exceptional)
        private
        pure
        returns (uint256)
    {
        return (accepted << 1) | (conditionally << 2) | (onHold << 3) | (rejected << 4) | (rework << 5) | (exceptional << 6);
    }
}
