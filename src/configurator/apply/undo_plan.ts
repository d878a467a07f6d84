/** `--atomic`: the tasks that take back what an apply did, by stage. */
import { ipOf } from "../link_types/used_addresses.ts";
import { addressesOf } from "../observed/lookup.ts";
import type { ObservedNamespace } from "../observed/observed_namespace.ts";
import type { TaskList } from "../plan/task_list.ts";
import { type Action, type Stage, STAGES, type Task } from "../plan/actions.ts";
import { routeKey } from "../plan/route_fields.ts";
import { stepOf } from "../plan/step.ts";

/** The tasks of an undo, by stage. */
export class UndoPlan implements TaskList {
  readonly #stages = new Map<Stage, Task[]>();
  readonly #routes = new Set<string>();

  /** All of them, in the order of their stages. */
  get tasks(): Task[] {
    return STAGES.flatMap((stage) => this.#stages.get(stage) ?? []);
  }

  /** The addresses (without a prefix) that go with the links of a namespace which it deletes: those come first. */
  addressesGone(namespace: ObservedNamespace): ReadonlySet<string> {
    const deletions = this.#stages.get("delete-links")?.map(({ action }) => action) ?? [];
    const ends = deletions.flatMap((action) => action.kind === "delete-link" ? action.ends : []);
    return new Set(
      ends.filter((end) => end.namespace === namespace).flatMap(({ index }) => addressesOf(namespace, index))
        .map(({ text }) => ipOf(text)),
    );
  }

  /** The kind of a link that it makes again, by the index that this had. */
  kindMadeAgain(namespace: ObservedNamespace, index: number): string | undefined {
    for (const { action } of this.#stages.get("create") ?? []) {
      if (action.kind !== "create-link") continue;
      const isIt = action.creation.links.some((one) => one.link.namespace === namespace && one.index === index);
      if (isIt) return action.creation.kind;
    }
    return undefined;
  }

  /** As {@linkcode TaskList.add}. */
  add(stage: Stage, item: string, action: Action): void {
    if (this.#isPlanned(action)) return;
    const step = stepOf(action, item);
    const tasks = this.#stages.get(stage);
    if (tasks === undefined) this.#stages.set(stage, [{ stage, action, item, step }]);
    else tasks.push({ stage, action, item, step });
  }

  /** True of a route that is made already: a link gives its routes back, and so does the task that changed one. */
  #isPlanned(action: Action): boolean {
    if (action.kind !== "add-route" && action.kind !== "replace-route") return false;
    const key = `${action.link.namespace.cookie} ${routeKey(action.route)}`;
    return this.#routes.has(key) || this.#routes.add(key) === undefined;
  }
}
