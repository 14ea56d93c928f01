// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title What becomes of a batch: the qualified person's decisions, the way of an out-of-specification batch, recalls.
/// @notice EU GMP Part IV § 11.5 (administration of out-of-specification products) and the EMA's questions and answers on
///         it: the physician asks, the manufacturer evaluates the risk, the physician confirms, the qualified person
///         releases, the manufacturer notifies the authority in time. Nothing is deleted; the latest decision counts.
interface IDispositionRegister {
    enum Decision {
        None,
        Accepted,
        ConditionallyAccepted,
        OnHold,
        Rejected,
        Rework,
        ExceptionalRelease
    }

    /// @notice Where the way of an out-of-specification batch stands.
    enum Stage {
        None,
        Requested,
        Evaluated,
        Confirmed,
        Released,
        AuthorityNotified,
        AuthorityAcknowledged
    }

    enum Step {
        Request,
        RiskEvaluation,
        Confirmation,
        Withdrawal,
        AuthorityNotification,
        AuthorityAcknowledgement
    }

    /// @param requester Index of the participant whose physician asked; zero when none does.
    /// @param entries Decisions and steps so far.
    /// @param recallsJudged Recalls that a qualified person's decision has judged.
    /// @param exceptionalReleaseAt Block time of the first exceptional release, zero before; starts the authority's clock.
    struct Disposition {
        Decision decision;
        Stage stage;
        uint32 requester;
        uint32 entries;
        uint32 recallsJudged;
        uint40 exceptionalReleaseAt;
        uint40 authorityNotifiedAt;
    }

    /// @param number Place among all the signer could have seen: decisions, steps and recalls before this one.
    /// @param reasonHash Salted hash of the reason's text.
    event DispositionDecided(
        bytes32 indexed journeyId,
        uint32 number,
        Decision decision,
        uint32 indexed participant,
        address signer,
        bytes32 head,
        bytes32 reasonHash,
        uint40 signedAt,
        uint40 recordedAt,
        bytes signature
    );
    /// @param documentHash Salted hash of the document of the step: request, risk evaluation, reference of the authority.
    event ExceptionalReleaseStepTaken(
        bytes32 indexed journeyId,
        uint32 number,
        Step step,
        uint32 indexed participant,
        address signer,
        bytes32 documentHash,
        uint40 signedAt,
        uint40 recordedAt,
        bytes signature
    );
    /// @param recalls How many recalls of the journey are acknowledged: all up to this number.
    event RecallAcknowledged(
        bytes32 indexed journeyId,
        uint32 recalls,
        uint32 indexed participant,
        address signer,
        uint40 signedAt,
        uint40 recordedAt,
        bytes signature
    );

    /// @notice Thrown when the signer did not see the latest decision, step or recall.
    error DispositionRegisterStaleNumber(bytes32 journeyId, uint32 expected, uint32 signed);
    /// @notice Thrown when the signed head is not the journey's present one. A hold needs no present head.
    error DispositionRegisterStaleHead(bytes32 journeyId, bytes32 expected, bytes32 signedHead);
    /// @notice Thrown when no reason is given.
    error DispositionRegisterNoReason(bytes32 journeyId);
    /// @notice Thrown when the signature is none, or its account has none of the duties that are needed.
    error DispositionRegisterNotAuthorised(address recovered, uint16 roles, uint16 needed);
    /// @notice Thrown when one decision does not follow the other.
    error DispositionRegisterIllegalTransition(bytes32 journeyId, Decision from, Decision to);
    /// @notice Thrown when the out-of-specification way does not stand where the decision or step needs it.
    error DispositionRegisterOutOfOrder(bytes32 journeyId, Stage stage);
    /// @notice Thrown when another participant than the one who asked confirms or withdraws.
    error DispositionRegisterNotRequester(bytes32 journeyId, uint32 requester, uint32 participant);
    /// @notice Thrown when the journey's flow has no exceptional release: it names no period to notify the authority in.
    error DispositionRegisterNotProvidedFor(bytes32 journeyId, uint32 flow);
    /// @notice Thrown when there is no recall that the participant has not acknowledged.
    error DispositionRegisterNothingToAcknowledge(bytes32 journeyId, uint32 recalls, uint32 participant);

    /// @notice Decides with the EIP-712 signature over
    ///         DispositionDecision(journeyId, number, decision, head, reasonHash, signedAt).
    /// @dev Only the oracle relays; so it is for the two that follow.
    function decide(
        bytes32 journeyId,
        uint32 number,
        Decision decision,
        bytes32 head,
        bytes32 reasonHash,
        uint40 signedAt,
        bytes calldata signature
    ) external;
    /// @notice Takes a step of the out-of-specification way with the EIP-712 signature over
    ///         ExceptionalReleaseStep(journeyId, number, step, documentHash, signedAt).
    function takeStep(
        bytes32 journeyId,
        uint32 number,
        Step step,
        bytes32 documentHash,
        uint40 signedAt,
        bytes calldata signature
    ) external;
    /// @notice A holder says, with the EIP-712 signature over RecallAcknowledgement(journeyId, recalls, signedAt), that
    ///         the recalls so far have reached them.
    function acknowledgeRecall(bytes32 journeyId, uint32 recalls, uint40 signedAt, bytes calldata signature) external;

    function disposition(bytes32 journeyId) external view returns (Disposition memory);
    /// @notice The number that the next decision or step must carry: decisions, steps and recalls so far.
    function nextNumber(bytes32 journeyId) external view returns (uint32);
    /// @notice Whether the batch went, and still stands, released out of specification.
    function isExceptionallyReleased(bytes32 journeyId) external view returns (bool);
    /// @notice When the authority must have been notified, Unix seconds; zero before an exceptional release.
    function authorityNotificationDueAt(bytes32 journeyId) external view returns (uint40);
}
