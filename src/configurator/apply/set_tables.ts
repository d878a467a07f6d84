/** Tables of nf_tables: each is made, replaced or deleted by one batch, so no packet sees a part of it. */
import type { NftCommand } from "../../netlink/nftables/types.ts";
import { kernelNamespace } from "../observed/kernel_namespace.ts";
import type { ActionOf, Task } from "../plan/actions.ts";
import { TABLE_FAMILY } from "../plan/table_rules.ts";
import { type ApplyContext, attempt, MissingError } from "./executor.ts";
import { isTolerated } from "./tolerated.ts";

/** Makes, replaces and deletes the tables of `set-table` and `delete-table`. */
export async function setTables(tasks: readonly Task[], context: ApplyContext): Promise<void> {
  for (const task of tasks) {
    const { action } = task;
    if (action.kind !== "set-table" && action.kind !== "delete-table") continue;
    if (await context.isInterrupted()) return;
    const { namespace } = action;
    if (!namespace.exists) {
      context.finish(task, new MissingError(`the namespace ${namespace.label} was not made`));
      continue;
    }
    attempt(task, context, () => {
      try {
        kernelNamespace(namespace).nftables.apply(commandsFor(action));
      } catch (error) {
        if (!isTolerated(action.kind, error)) throw error;
      }
    });
  }
}

function commandsFor(action: ActionOf<"set-table" | "delete-table">): NftCommand[] {
  if (action.kind === "delete-table") return [{ delete: { table: { family: TABLE_FAMILY, name: action.name } } }];
  const { table: { name, comment, objects }, isThere } = action;
  const table = { family: TABLE_FAMILY, name } as const;
  return [
    // It is added first, because somebody may have deleted it meanwhile.
    ...isThere ? [{ add: { table } }, { delete: { table } }] : [],
    // One that somebody else made meanwhile is refused.
    { create: { table: { ...table, comment } } },
    ...objects,
  ];
}
