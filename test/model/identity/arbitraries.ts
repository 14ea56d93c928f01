import fc from "fast-check";
import { withCheckDigit } from "../../../services/model/identity/index.ts";

const SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

export const digits = (length: number) => fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: length, maxLength: length });

export const checkedDigits = (length: number) => digits(length - 1).map(withCheckDigit);

export const text82 = (maximum: number) => fc.string({ unit: fc.constantFrom(...SET_82), minLength: 1, maxLength: maximum });

const upperCase = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), minLength: length, maxLength: length });

const facility = fc.tuple(fc.constantFrom(..."ABCDEFGHJKLMNPQRSTUVWXYZ123456789"), upperCase(4)).map((parts) => parts.join(""));

export const donation = fc.tuple(facility, digits(8)).map((parts) => parts.join(""));

export const chainOfIdentity = fc.tuple(facility, digits(2), upperCase(6)).map((parts) => `CH${parts.join("")}`);

/** Elements of labels as they are met in a cell therapy journey. */
export const elements = fc.oneof(
  fc.record({ "01": checkedDigits(14), "21": text82(20), "10": text82(20), "17": fc.constantFrom("270131", "280229") }),
  fc.record({ "00": checkedDigits(18), "400": text82(30), "4331": fc.constantFrom("000800", "015000-") }),
  fc.record({ "8003": fc.tuple(checkedDigits(13), text82(16)).map(([asset, serial]) => `0${asset}${serial}`) }),
  fc.record({ "8004": fc.tuple(digits(4), text82(26)).map((parts) => parts.join("")), "90": text82(30) }),
  fc.record({ "8018": checkedDigits(18), "8019": digits(3), "7242": text82(25) }),
  fc.record({ "414": checkedDigits(13), "254": text82(20) }),
);
