/**
 * Solidity ABI by hand: words cut out of a hex text, without a general decoder (some hundred times faster on logs).
 * `data` is 0x-prefixed; word 0 starts right after the prefix.
 */
const PREFIX = 2;
const WORD = 64;

/** Word `index` as 64 hex digits; empty text when the data ends before it. */
export function wordText(data: string, index: number): string {
  return data.slice(PREFIX + WORD * index, PREFIX + WORD * (index + 1));
}

/** Word as a 0x-prefixed bytes32. */
export function wordBytes32(data: string, index: number): string {
  return `0x${wordText(data, index)}`;
}

export function wordBigInt(data: string, index: number): bigint {
  return BigInt(`0x${wordText(data, index)}`);
}

/** Word of an unsigned integer of at most 48 bits. */
export function wordNumber(data: string, index: number): number {
  return Number.parseInt(data.slice(PREFIX + WORD * (index + 1) - 12, PREFIX + WORD * (index + 1)), 16);
}

/** Word of an address, lower case. */
export function wordAddress(data: string, index: number): string {
  return `0x${data.slice(PREFIX + WORD * index + 24, PREFIX + WORD * (index + 1))}`;
}

export function topicNumber(topic: string): number {
  return Number.parseInt(topic.slice(-12), 16);
}

export function topicAddress(topic: string): string {
  return `0x${topic.slice(-40)}`;
}

/** Dynamic bytes whose offset stands in word `index`, as 0x-prefixed hex. */
export function dynamicBytes(data: string, index: number): string {
  const start = wordNumber(data, index) / 32;
  const length = wordNumber(data, start);
  const from = PREFIX + WORD * (start + 1);
  return `0x${data.slice(from, from + 2 * length)}`;
}

export function dynamicText(data: string, index: number): string {
  return Buffer.from(dynamicBytes(data, index).slice(PREFIX), "hex").toString("utf8");
}

/** An unsigned integer as 64 hex digits, to build calldata. */
export function encodeWord(value: bigint | number): string {
  return BigInt(value).toString(16).padStart(WORD, "0");
}
