/** A value as untyped code has it. */
export function untyped<T>(value: unknown): T {
  return value as T;
}
