/** The value, which a test knows to be there; fails the test when it is not. */
export function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("a value the test relies on is not there");
  return value;
}
