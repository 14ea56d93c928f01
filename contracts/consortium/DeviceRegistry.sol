// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IDeviceRegistry} from "../interfaces/IDeviceRegistry.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {IPoseidon} from "../interfaces/IPoseidon.sol";
import {BabyJubJub} from "../lib/BabyJubJub.sol";

/// @title Who may measure: data loggers, their keys, calibration and revocation.
contract DeviceRegistry is IDeviceRegistry, AccessControlDefaultAdminRules {
    bytes32 public constant DEVICE_REGISTRAR_ROLE = keccak256("DEVICE_REGISTRAR_ROLE");

    /// @dev Poseidon(1, 2) with circomlib's parameters.
    uint256 private constant POSEIDON_OF_ONE_AND_TWO =
        7853200120776062878684798364095072458815029376092732009249414926327459813530;

    struct Calibration {
        uint40 from;
        uint40 until;
    }

    IParticipantRegistry public immutable participants;
    IPoseidon public immutable poseidon;
    mapping(bytes32 deviceId => Device) private _devices;
    mapping(bytes32 deviceId => Calibration[]) private _calibrations;
    mapping(uint256 keyCommitment => bytes32) private _deviceByKey;

    constructor(
        IParticipantRegistry participants_,
        IPoseidon poseidon_,
        uint48 adminDelay,
        address admin,
        address deviceRegistrar
    ) AccessControlDefaultAdminRules(adminDelay, admin) {
        bool hashes = address(poseidon_).code.length != 0
            && poseidon_.poseidon([uint256(1), uint256(2)]) == POSEIDON_OF_ONE_AND_TWO;
        if (!hashes) revert DeviceRegistryInvalidHasher(address(poseidon_));
        participants = participants_;
        poseidon = poseidon_;
        _grantRole(DEVICE_REGISTRAR_ROLE, deviceRegistrar);
    }

    function enrol(
        bytes32 deviceId,
        bytes32 owner,
        uint256 publicKeyX,
        uint256 publicKeyY,
        bytes32 messageKeyHash,
        Attestation attestation
    ) external onlyRole(DEVICE_REGISTRAR_ROLE) {
        if (_devices[deviceId].keyCommitment != 0) revert DeviceRegistryAlreadyEnrolled(deviceId);
        if (participants.participant(owner).index == 0) revert DeviceRegistryUnknownOwner(owner);
        if (!BabyJubJub.isPrimeOrder(publicKeyX, publicKeyY)) {
            revert DeviceRegistryInvalidKey(publicKeyX, publicKeyY);
        }
        uint256 keyCommitment = poseidon.poseidon([publicKeyX, publicKeyY]);
        bytes32 taken = _deviceByKey[keyCommitment];
        if (_devices[taken].keyCommitment == keyCommitment) revert DeviceRegistryKeyTaken(keyCommitment, taken);
        _deviceByKey[keyCommitment] = deviceId;
        _devices[deviceId] = Device({
            keyCommitment: keyCommitment,
            owner: owner,
            enrolledAt: uint40(block.timestamp),
            revokedFrom: 0,
            attestation: attestation,
            messageKeyHash: messageKeyHash
        });
        emit DeviceEnrolled(deviceId, owner, keyCommitment, publicKeyX, publicKeyY, messageKeyHash, attestation);
    }

    function recordCalibration(bytes32 deviceId, uint40 calibratedFrom, uint40 calibratedUntil)
        external
        onlyRole(DEVICE_REGISTRAR_ROLE)
    {
        if (_devices[deviceId].keyCommitment == 0) revert DeviceRegistryUnknownDevice(deviceId);
        if (calibratedUntil <= calibratedFrom) {
            revert DeviceRegistryInvalidCalibration(calibratedFrom, calibratedUntil);
        }
        _calibrations[deviceId].push(Calibration({from: calibratedFrom, until: calibratedUntil}));
        emit DeviceCalibrated(deviceId, calibratedFrom, calibratedUntil);
    }

    function revoke(bytes32 deviceId, uint40 revokedFrom) external onlyRole(DEVICE_REGISTRAR_ROLE) {
        Device storage entry = _devices[deviceId];
        if (entry.keyCommitment == 0) revert DeviceRegistryUnknownDevice(deviceId);
        if (revokedFrom == 0) revert DeviceRegistryInvalidRevocation(revokedFrom);
        if (entry.revokedFrom != 0 && revokedFrom > entry.revokedFrom) {
            revert DeviceRegistryRevocationIsEarlier(entry.revokedFrom, revokedFrom);
        }
        entry.revokedFrom = revokedFrom;
        emit DeviceRevoked(deviceId, revokedFrom);
    }

    function device(bytes32 deviceId) external view returns (Device memory) {
        return _devices[deviceId];
    }

    function measuringKey(bytes32 deviceId, uint40 from, uint40 to) external view returns (uint256 keyCommitment) {
        Device storage entry = _devices[deviceId];
        uint40 revokedFrom = entry.revokedFrom;
        if (revokedFrom != 0 && to >= revokedFrom) return 0;
        return isCalibrated(deviceId, from, to) ? entry.keyCommitment : 0;
    }

    /// @dev The newest calibration first: it is the one in force in nearly every call.
    function isCalibrated(bytes32 deviceId, uint40 from, uint40 to) public view returns (bool) {
        if (to < from) return false;
        Calibration[] storage calibrations = _calibrations[deviceId];
        for (uint256 i = calibrations.length; i > 0; --i) {
            Calibration memory calibration = calibrations[i - 1];
            if (calibration.from <= from && to <= calibration.until) return true;
        }
        return false;
    }
}
