pragma circom 2.1.6;

include "../lib/acceptance-criterion.circom";
include "../lib/device-signature.circom";
include "../lib/phase-order.circom";
include "../lib/result-interval.circom";
include "../lib/results-commitment.circom";
include "../lib/specification-commitment.circom";

/// @title batch-release: the batch met its specification.
/// @notice This laboratory signed a record for this context and this specification, in which every mandatory test is present,
///         every test that is present is within its acceptance criterion, and every phase was completed in order before
///         the signature. Results, criteria and times stay private.
/// @param tests  tests of a specification; unused places have the criterion [1, 0], which nothing meets, and no result
/// @param phases phases of a specification; unused places repeat the time before
///
/// PUBLIC
/// @input context                 253 bits: chain, contract, journey and specification number
/// @input laboratoryKeyCommitment Poseidon of the laboratory's public key
/// @input specificationCommitment see `SpecificationCommitment`
/// @input resultsCommitment       what the laboratory signed, see `ResultsCommitment`
/// @input signedAt                40 bits, Unix seconds, by the laboratory's clock
///
/// PRIVATE
/// @input documentDigest          253 bits, of the specification's document
/// @input minimum, maximum        64 bits each: scaled decimals with an offset of 2^63; 0 and 2^64 - 1 = none
/// @input isMandatory             bits
/// @input value                   64 bits each: scaled decimals with an offset of 2^63
/// @input isLessThan, isGreaterThan, isPresent bits
/// @input startedAt, completedAt  40 bits each, Unix seconds, 0 = not recorded
/// @input salt                    248 bits, the laboratory's
/// @input publicKey, signatureR, signatureS the laboratory's key and signature
///
/// NOTE: not stated: that the tests were done well; that specificationCommitment is the registered one, or that it demands
///       anything (an empty specification is met by an empty record: the contract registers none); that the key is
///       an enrolled laboratory's; that signedAt is recent (the contract compares).
template BatchRelease(tests, phases) {
    signal input context;
    signal input laboratoryKeyCommitment;
    signal input specificationCommitment;
    signal input resultsCommitment;
    signal input signedAt;

    signal input documentDigest;
    signal input minimum[tests];
    signal input maximum[tests];
    signal input isMandatory[tests];
    signal input value[tests];
    signal input isLessThan[tests];
    signal input isGreaterThan[tests];
    signal input isPresent[tests];
    signal input startedAt[phases];
    signal input completedAt[phases];
    signal input salt;
    signal input publicKey[2];
    signal input signatureR[2];
    signal input signatureS;

    // 1. Specification: the criteria judged here are the committed ones.
    component specification = SpecificationCommitment(tests);
    specification.documentDigest <== documentDigest;
    specification.minimum <== minimum;
    specification.maximum <== maximum;
    specification.isMandatory <== isMandatory;
    specificationCommitment === specification.commitment;

    // 2. Signature: the laboratory signed the context, the specification, the time, every result and every phase.
    component record = ResultsCommitment(tests, phases);
    record.context <== context;
    record.specificationCommitment <== specificationCommitment;
    record.signedAt <== signedAt;
    record.salt <== salt;
    record.value <== value;
    record.isLessThan <== isLessThan;
    record.isGreaterThan <== isGreaterThan;
    record.isPresent <== isPresent;
    record.startedAt <== startedAt;
    record.completedAt <== completedAt;
    resultsCommitment === record.commitment;

    component signature = DeviceSignature();
    signature.publicKey <== publicKey;
    signature.signatureR <== signatureR;
    signature.signatureS <== signatureS;
    signature.message <== record.commitment;
    laboratoryKeyCommitment === signature.keyCommitment;

    // 3. Tests: the mandatory ones are present, and all that are present within their criterion.
    component interval[tests];
    component criterion[tests];
    for (var i = 0; i < tests; i++) {
        interval[i] = ResultInterval();
        interval[i].value <== value[i];
        interval[i].isLessThan <== isLessThan[i];
        interval[i].isGreaterThan <== isGreaterThan[i];
        criterion[i] = AcceptanceCriterion();
        criterion[i].minimum <== minimum[i];
        criterion[i].maximum <== maximum[i];
        criterion[i].isMandatory <== isMandatory[i];
        criterion[i].low <== interval[i].low;
        criterion[i].high <== interval[i].high;
        criterion[i].isPresent <== isPresent[i];
    }

    // 4. Phases: each completed, in order, before the signature.
    component order = PhaseOrder(phases);
    order.startedAt <== startedAt;
    order.completedAt <== completedAt;
    order.signedAt <== signedAt;
}
