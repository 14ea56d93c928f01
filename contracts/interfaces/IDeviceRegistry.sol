// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Who may measure: data loggers, their keys, calibration and revocation.
/// @notice A data logger is known by `deviceId`, the keccak-256 of its GIAI (GS1 AI 8004).
interface IDeviceRegistry {
    /// @notice Who holds the BabyJubJub key: the logger itself, or a gateway that attests for a logger that cannot.
    enum Attestation {
        Device,
        Gateway
    }

    struct Device {
        uint256 keyCommitment;
        bytes32 owner;
        uint40 enrolledAt;
        uint40 revokedFrom;
        Attestation attestation;
        bytes32 messageKeyHash;
    }

    event DeviceEnrolled(
        bytes32 indexed deviceId,
        bytes32 indexed owner,
        uint256 keyCommitment,
        uint256 publicKeyX,
        uint256 publicKeyY,
        bytes32 messageKeyHash,
        Attestation attestation
    );
    event DeviceCalibrated(bytes32 indexed deviceId, uint40 calibratedFrom, uint40 calibratedUntil);
    event DeviceRevoked(bytes32 indexed deviceId, uint40 revokedFrom);

    /// @notice Thrown when a device is enrolled twice.
    error DeviceRegistryAlreadyEnrolled(bytes32 deviceId);
    /// @notice Thrown when a device is not enrolled.
    error DeviceRegistryUnknownDevice(bytes32 deviceId);
    /// @notice Thrown when a key commitment already belongs to another device.
    error DeviceRegistryKeyTaken(uint256 keyCommitment, bytes32 deviceId);
    /// @notice Thrown when a BabyJubJub key is off the curve, of low order, or not in the prime-order subgroup.
    error DeviceRegistryInvalidKey(uint256 publicKeyX, uint256 publicKeyY);
    /// @notice Thrown when a calibration interval ends before it starts.
    error DeviceRegistryInvalidCalibration(uint40 calibratedFrom, uint40 calibratedUntil);
    /// @notice Thrown when a revocation would move a revocation already recorded to a later time.
    error DeviceRegistryRevocationIsEarlier(uint40 revokedFrom, uint40 requestedFrom);
    /// @notice Thrown when a device is revoked from time zero, which would read as not revoked.
    error DeviceRegistryInvalidRevocation(uint40 revokedFrom);
    /// @notice Thrown at deployment when the hash contract has no code or does not compute Poseidon(1, 2).
    error DeviceRegistryInvalidHasher(address hasher);
    /// @notice Thrown when the owner is not a registered participant.
    error DeviceRegistryUnknownOwner(bytes32 owner);

    function enrol(
        bytes32 deviceId,
        bytes32 owner,
        uint256 publicKeyX,
        uint256 publicKeyY,
        bytes32 messageKeyHash,
        Attestation attestation
    ) external;
    function recordCalibration(bytes32 deviceId, uint40 calibratedFrom, uint40 calibratedUntil) external;
    function revoke(bytes32 deviceId, uint40 revokedFrom) external;

    /// @notice Zero fields when the device is not enrolled. `enrolledAt` is informative; `revokedFrom` zero: never.
    function device(bytes32 deviceId) external view returns (Device memory);
    /// @notice True when one calibration interval covers [from, to], both ends included.
    function isCalibrated(bytes32 deviceId, uint40 from, uint40 to) external view returns (bool);
    /// @notice Key commitment of a device fit to measure over the whole interval; zero when it is not enrolled,
    ///         revoked, or not calibrated.
    function measuringKey(bytes32 deviceId, uint40 from, uint40 to) external view returns (uint256 keyCommitment);
}
