/** What the file describes, asked by the name of an interface or of a link. */
import { groupBy } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { InterfaceIndex, namespaceOfItem } from "../../models/references.ts";
import type { Namespace } from "../../namespace.ts";
import { isAvailable, type ObservedNamespace, type UnavailableNamespace } from "../observed/observed_namespace.ts";
import type { PlanInput } from "./plan_input.ts";

/** The interfaces of the file. */
export class Descriptions {
  /** By their names, and by what refers to them. */
  readonly index: InterfaceIndex;
  readonly #interfaces: ReadonlyMap<ObservedNamespace, ReadonlyMap<string, LinuxInterface>>;

  /** Asks for the namespace of each interface. */
  constructor(input: PlanInput) {
    this.index = new InterfaceIndex(input.config.interfaces, identityOf(input));
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

/** Text that is equal for two namespaces exactly if they are one, however the file names them. */
export function identityOf({ namespaceOf }: Pick<PlanInput, "namespaceOf">): (ns: Namespace | undefined) => string {
  const keys = new Map<ObservedNamespace | UnavailableNamespace, string>();
  return (ns) => {
    const namespace = namespaceOf(ns);
    let key = keys.get(namespace);
    if (key === undefined) keys.set(namespace, key = String(keys.size));
    return key;
  };
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
