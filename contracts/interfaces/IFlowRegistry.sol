// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Immutable, versioned flow definitions and condition profiles.
/// @notice Steps, legs and gates are numbered by their place in the flow document. The document itself (canonical
///         JSON) is emitted at registration, so that a regulator needs nothing but the chain to name a step.
interface IFlowRegistry {
    /// @notice What a step does to custody.
    enum Custody {
        None,
        Take,
        Hold,
        Release,
        Accept
    }

    struct StepDefinition {
        uint64 prerequisites;
        uint16 roles;
        Custody custody;
        bool repeatable;
        bool anchor;
        uint8 requiredGate; // gate number + 1, zero for none
        uint8 firstLimitAnchor; // step number + 1, zero for none
        uint32 firstLimitSeconds;
        uint8 secondLimitAnchor; // step number + 1, zero for none
        uint32 secondLimitSeconds;
        uint8 identityCheckPersons; // how many persons prove the identity at this step, zero to two
    }

    struct LegDefinition {
        uint8 startStep;
        uint8 endStep;
        uint8 profile;
        bool shipper; // whether the leg goes in a qualified shipper over a qualified lane
    }

    /// @notice Temperatures in centikelvin, tilt in degrees from vertical (all ones: not monitored), times in seconds.
    struct ConditionProfile {
        uint16 minimumCentikelvin;
        uint16 maximumCentikelvin;
        uint8 tiltLimitDegrees;
        uint32 temperatureBudgetSeconds;
        uint32 tiltBudgetSeconds;
        uint16 longestGapSeconds;
        uint32 longestDurationSeconds;
    }

    /// @param requiredSpecifications Specifications of the flow that a batch proof must have met.
    /// @param ownKey Released only with a key that a person holds, not with one that a node hosts for an integration.
    /// @param waivedByExceptionalRelease A gate that requires this one is content with an exceptional release instead.
    struct GateDefinition {
        uint64 requiredSteps;
        uint16 requiredLegs;
        uint16 requiredGates;
        uint16 roles;
        uint8 requiredSpecifications;
        bool ownKey;
        bool waivedByExceptionalRelease;
    }

    struct FlowDefinition {
        uint32 lateEntryToleranceSeconds;
        uint32 handoverToleranceSeconds;
        /// In what time the authority is notified of an exceptional release; zero: the flow provides for none.
        uint32 authorityNotificationSeconds;
        StepDefinition[] steps;
        LegDefinition[] legs;
        ConditionProfile[] profiles;
        GateDefinition[] gates;
        /// Hashes of the documents of the release specifications a batch of this flow is held against.
        bytes32[] specifications;
    }

    struct FlowHeader {
        bytes32 documentHash;
        uint32 lateEntryToleranceSeconds;
        uint32 handoverToleranceSeconds;
        uint32 authorityNotificationSeconds;
        uint8 stepCount;
        uint8 legCount;
        uint8 profileCount;
        uint8 gateCount;
        uint8 specificationCount;
    }

    /// @param document Canonical JSON of the flow; `documentHash` is its keccak-256.
    event FlowRegistered(uint32 indexed flow, bytes32 indexed documentHash, string document);

    /// @notice Thrown when the same document is registered twice.
    error FlowRegistryAlreadyRegistered(bytes32 documentHash, uint32 flow);
    /// @notice Thrown when a flow number is not known.
    error FlowRegistryUnknownFlow(uint32 flow);
    /// @notice Thrown when a flow has no step, or more of a kind than the ledger can number.
    error FlowRegistryCountOutOfRange(uint256 steps, uint256 legs, uint256 profiles, uint256 gates, uint256 specifications);
    /// @notice Thrown when a step refers to a step, gate or role that does not exist or to itself (directly or through others),
    ///         or when its time is needed by a limit or a leg and it is no anchor.
    error FlowRegistryInvalidStep(uint8 step);
    /// @notice Thrown when a leg refers to a step or a profile that does not exist.
    error FlowRegistryInvalidLeg(uint8 leg);
    /// @notice Thrown when a profile's range is empty or a limit is outside what the circuit can state.
    error FlowRegistryInvalidProfile(uint8 profile);
    /// @notice Thrown when a gate refers to steps, legs, gates, specifications or roles that do not exist, or waits for itself.
    error FlowRegistryInvalidGate(uint8 gate);
    /// @notice Thrown when a specification's hash is zero or stands twice.
    error FlowRegistryInvalidSpecification(uint8 specification);

    function register(string calldata document, FlowDefinition calldata definition) external returns (uint32 flow);

    /// @dev Flow numbers start at 1; steps, legs, profiles and gates at 0.
    function header(uint32 flow) external view returns (FlowHeader memory);
    function flowCount() external view returns (uint32);
    function flowByDocument(bytes32 documentHash) external view returns (uint32);
    function step(uint32 flow, uint8 number) external view returns (StepDefinition memory);
    function leg(uint32 flow, uint8 number) external view returns (LegDefinition memory);
    function profile(uint32 flow, uint8 number) external view returns (ConditionProfile memory);
    function gate(uint32 flow, uint8 number) external view returns (GateDefinition memory);
    function specification(uint32 flow, uint8 number) external view returns (bytes32 documentHash);
    function legProfile(uint32 flow, uint8 number)
        external
        view
        returns (LegDefinition memory, ConditionProfile memory);
    /// @notice What the custody ledger needs for one event, in one call. A step that is not in the flow has no roles.
    function stepRules(uint32 flow, uint8 number)
        external
        view
        returns (StepDefinition memory, uint32 lateEntryToleranceSeconds, uint32 handoverToleranceSeconds);
}
