/** What is said of the processes in a namespace. */

/** "process 42 runs in it", or undefined if none does. */
export function describeProcesses(pids: readonly number[] = []): string | undefined {
  const [first, ...others] = pids;
  if (first === undefined) return undefined;
  if (others.length === 0) return `process ${first} runs in it`;
  const shown = [first, ...others].slice(0, 5).join(", ");
  return `${pids.length} processes run in it (${shown}${pids.length > 5 ? ", …" : ""})`;
}
