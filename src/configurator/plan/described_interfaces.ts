/** What the file describes, asked by the name of an interface or of a link. */
import { groupBy } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { InterfaceIndex, namespaceOfItem } from "../../models/references.ts";
import { isAvailable, type ObservedNamespace } from "../observed/observed_namespace.ts";
import type { PlanInput } from "./plan_input.ts";

/** The interfaces of the file. */
export class Descriptions {
  /** By their names, and by what refers to them. */
  readonly index: InterfaceIndex;
  readonly #interfaces: ReadonlyMap<ObservedNamespace, ReadonlyMap<string, LinuxInterface>>;

  /** Asks for the namespace of each interface. */
  constructor(input: PlanInput) {
    this.index = new InterfaceIndex(input.config.interfaces);
    this.#interfaces = byHostName(input);
  }

  /** The interface of this host name there, however the file names the namespace. */
  at(namespace: ObservedNamespace, hostIfName: string): LinuxInterface | undefined {
    return this.#interfaces.get(namespace)?.get(hostIfName);
  }

  /** True if the file has an interface of this host name there. */
  has(namespace: ObservedNamespace, hostIfName: string): boolean {
    return this.at(namespace, hostIfName) !== undefined;
  }
}

function byHostName(input: PlanInput): Map<ObservedNamespace, Map<string, LinuxInterface>> {
  const interfaces = new Map<ObservedNamespace, Map<string, LinuxInterface>>();
  for (
    const [namespace, models] of groupBy(input.config.interfaces, (one) => input.namespaceOf(namespaceOfItem(one)))
  ) {
    if (isAvailable(namespace)) interfaces.set(namespace, new Map(models.map((one) => [one.hostIfName, one])));
  }
  return interfaces;
}
