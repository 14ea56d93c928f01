// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IExceptionRegister} from "../interfaces/IExceptionRegister.sol";
import {Duties} from "../lib/Duties.sol";

/// @title Which stage of an exception follows which, and who may say so.
/// @notice A reviewer (quality assurance or a qualified person) walks it to a proposal; from a proposal on only an
///         approver (a qualified person, with another account than the proposer's) decides: approve, send back, escalate.
///         An escalated exception cannot be closed: it goes back under assessment or to a proposal. So the only way out
///         leads through two different accounts.
/// @dev The twin of `services/model/custody/exception-lifecycle.ts` (parity tested).
library ExceptionLifecycle {
    uint16 internal constant REVIEWERS = Duties.QUALITY_ASSURANCE | Duties.QUALIFIED_PERSON;
    uint16 internal constant APPROVERS = Duties.QUALIFIED_PERSON;

    uint256 private constant CLASSIFIED = 1 << uint8(IExceptionRegister.Stage.Classified);
    uint256 private constant UNDER_ASSESSMENT = 1 << uint8(IExceptionRegister.Stage.UnderAssessment);
    uint256 private constant DEVIATION_OPENED = 1 << uint8(IExceptionRegister.Stage.DeviationOpened);
    uint256 private constant INVESTIGATED = 1 << uint8(IExceptionRegister.Stage.Investigated);
    uint256 private constant CORRECTIVE_ACTION = 1 << uint8(IExceptionRegister.Stage.CorrectiveAction);
    uint256 private constant RESOLUTION_PROPOSED = 1 << uint8(IExceptionRegister.Stage.ResolutionProposed);
    uint256 private constant ACCEPTANCE_PROPOSED = 1 << uint8(IExceptionRegister.Stage.AcceptanceProposed);
    uint256 private constant RESOLVED = 1 << uint8(IExceptionRegister.Stage.Resolved);
    uint256 private constant ACCEPTED = 1 << uint8(IExceptionRegister.Stage.Accepted);
    uint256 private constant ESCALATED = 1 << uint8(IExceptionRegister.Stage.Escalated);
    uint256 private constant CLOSED = 1 << uint8(IExceptionRegister.Stage.Closed);
    uint256 private constant PROPOSALS = RESOLUTION_PROPOSED | ACCEPTANCE_PROPOSED;

    function follows(IExceptionRegister.Stage from, IExceptionRegister.Stage to) internal pure returns (bool) {
        return (next(from) >> uint8(to)) & 1 == 1;
    }

    /// @notice The stages that may follow, bit by bit.
    function next(IExceptionRegister.Stage from) internal pure returns (uint256) {
        if (from == IExceptionRegister.Stage.Detected) return CLASSIFIED;
        if (from == IExceptionRegister.Stage.Classified) return UNDER_ASSESSMENT;
        if (from == IExceptionRegister.Stage.UnderAssessment) return DEVIATION_OPENED | PROPOSALS | ESCALATED;
        if (from == IExceptionRegister.Stage.DeviationOpened) return INVESTIGATED | ESCALATED;
        if (from == IExceptionRegister.Stage.Investigated) return CORRECTIVE_ACTION | PROPOSALS | ESCALATED;
        if (from == IExceptionRegister.Stage.CorrectiveAction) return PROPOSALS | ESCALATED;
        if (from == IExceptionRegister.Stage.ResolutionProposed) return RESOLVED | UNDER_ASSESSMENT | ESCALATED;
        if (from == IExceptionRegister.Stage.AcceptanceProposed) return ACCEPTED | UNDER_ASSESSMENT | ESCALATED;
        if (from == IExceptionRegister.Stage.Escalated) return UNDER_ASSESSMENT | PROPOSALS;
        if (from == IExceptionRegister.Stage.Closed) return 0;
        return CLOSED;
    }

    function isProposal(IExceptionRegister.Stage stage) internal pure returns (bool) {
        return (PROPOSALS >> uint8(stage)) & 1 == 1;
    }

    function isApproved(IExceptionRegister.Stage stage) internal pure returns (bool) {
        return ((RESOLVED | ACCEPTED) >> uint8(stage)) & 1 == 1;
    }

    /// @notice Duties of which the signer of a transition needs one.
    function dutiesFrom(IExceptionRegister.Stage from) internal pure returns (uint16) {
        return isProposal(from) ? APPROVERS : REVIEWERS;
    }

    /// @notice Whether an exception of this class holds a release until it is approved as resolved or accepted.
    function holds(IExceptionRegister.Class class) internal pure returns (bool) {
        return class == IExceptionRegister.Class.Major || class == IExceptionRegister.Class.Critical;
    }
}
