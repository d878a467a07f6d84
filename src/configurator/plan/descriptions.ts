/** What the file describes, and what earlier ones described: asked by the name of an interface or of a link. */
import { groupBy } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface.ts";
import { InterfaceIndex, namespaceOfItem } from "../../models/references.ts";
import { namespaceKey } from "../../namespace.ts";
import { isAvailable, type ObservedNamespace } from "../observed/observed_namespace.ts";
import type { PlanInput } from "./plan_input.ts";

/** An interface of an earlier description. */
export interface FormerInterface {
  /** The interface, as it was described. */
  readonly model: LinuxInterface;
  /** The interfaces that were described with it. */
  readonly index: InterfaceIndex;
}

/** The interfaces of the file and of earlier ones. */
export class Descriptions {
  /** The interfaces of the file. */
  readonly index: InterfaceIndex;
  /** Those of the earlier descriptions, newest first. */
  readonly earlier: readonly InterfaceIndex[];
  readonly #names: ReadonlyMap<ObservedNamespace, ReadonlySet<string>>;
  readonly #formerNames: ReadonlyMap<ObservedNamespace, ReadonlySet<string>>;

  /** Asks for the namespace of each interface, now and before: the other end of a link may be in any of them. */
  constructor(input: PlanInput) {
    this.index = new InterfaceIndex(input.config.interfaces);
    this.earlier = input.earlier.map(({ interfaces }) => new InterfaceIndex(interfaces));
    this.#names = namesByNamespace(input, input.config.interfaces);
    this.#formerNames = namesByNamespace(input, input.earlier.flatMap(({ interfaces }) => interfaces));
  }

  /** True if the file has an interface of this host name there. */
  has(namespace: ObservedNamespace, hostIfName: string): boolean {
    return this.#names.get(namespace)?.has(hostIfName) ?? false;
  }

  /** True if an earlier description had an interface of this host name there. */
  had(namespace: ObservedNamespace, hostIfName: string): boolean {
    return this.#formerNames.get(namespace)?.has(hostIfName) ?? false;
  }

  /** The interface of this name in the newest earlier description, if it was in the same namespace. */
  former(now: LinuxInterface): FormerInterface | undefined {
    for (const index of this.earlier) {
      const model = index.named(now.name);
      if (model === undefined) continue;
      return namespaceKey(namespaceOfItem(model)) === namespaceKey(namespaceOfItem(now)) ? { model, index } : undefined;
    }
    return undefined;
  }
}

function namesByNamespace(
  input: PlanInput,
  interfaces: readonly LinuxInterface[],
): Map<ObservedNamespace, Set<string>> {
  const names = new Map<ObservedNamespace, Set<string>>();
  for (const [namespace, models] of groupBy(interfaces, (model) => input.namespaceOf(namespaceOfItem(model)))) {
    if (isAvailable(namespace)) names.set(namespace, new Set(models.map(({ hostIfName }) => hostIfName)));
  }
  return names;
}
