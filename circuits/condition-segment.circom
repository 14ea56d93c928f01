pragma circom 2.1.6;

include "statements/condition-segment.circom";

component main {
    public [context, deviceKeyCommitment, terms, stateBefore, stateAfter, readingsCommitment]
} = ConditionSegment(157);
