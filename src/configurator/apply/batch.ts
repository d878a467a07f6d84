/** Many requests in one send, each with its own outcome. */
import type { NetlinkBatch } from "../../netlink/batch.ts";
import type { KernelNamespace } from "../observed/kernel_namespace.ts";

/**
 * Sends what `add` adds for each of `items`, which may be several requests; the last one of an item counts.
 *
 * @returns The error of each item, or undefined. If the socket itself failed, every item has that error.
 */
export function sendEach<T>(
  namespace: KernelNamespace,
  items: readonly T[],
  add: (batch: NetlinkBatch, item: T) => void,
): readonly unknown[] {
  const last: number[] = [];
  try {
    const errors = namespace.netlink.tryBatch((batch) => {
      for (const item of items) {
        add(batch, item);
        last.push(batch.requests.length - 1);
      }
    });
    return last.map((index) => errors[index]);
  } catch (error) {
    return items.map(() => error);
  }
}
