/** The value, which the test knows is there; throws where it is not. */
export function known<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("a value the test relies on is absent");
  return value;
}
