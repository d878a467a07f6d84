/** What ARP entries and routes refer to: interfaces of the file, by name or by host name, and their namespaces. */
import { ifNsToGeneric } from "./converters.ts";
import type { LinuxInterface } from "./interface/linux_interface.ts";
import { parentOf } from "./interface/interface_types.ts";
import { isDefaultNamespace, type Namespace, namespaceKey } from "../namespace.ts";
import type { InterfaceNamespace } from "./namespace.ts";
import type { NamespaceFields } from "./namespace_message.ts";

/** An item of the file that is in a namespace: an interface, an ARP entry or a route. */
export interface Located {
  /** Absent: the default namespace; of an ARP entry or a route, the namespace of its interface. */
  readonly namespace?: NamespaceFields;
}

/** An ARP entry or a route, as far as it refers to an interface. */
export interface Reference extends Located {
  /** The name of an interface of the file, or the host name of a link that exists. Absent in a route that has none. */
  readonly interface?: string | undefined;
  /** The next hops of a route, which have interfaces of their own. */
  readonly nextHops?: readonly { readonly interface?: string | undefined }[] | undefined;
}

/**
 * The namespace that an item gives: the one door from the fields of the models to the union.
 *
 * @throws {InvalidNamespaceError} The fields name no namespace; those of a parsed file always do.
 */
export function namespaceOfItem({ namespace }: Located): Namespace | undefined {
  // The namespaces of the three models have the same fields.
  return ifNsToGeneric(namespace as InterfaceNamespace | undefined);
}

/** The namespaces in which the sockets of WireGuard links are to be. */
export function birthNamespaces(interfaces: readonly LinuxInterface[]): Namespace[] {
  return interfaces.flatMap(({ wireguard }) => (
    wireguard?.birthNamespace === undefined ? [] : namespaceOfItem({ namespace: wireguard.birthNamespace }) ?? []
  ));
}

/** The interfaces of a file, by their names and by their host names. */
export class InterfaceIndex {
  readonly #interfaces: readonly LinuxInterface[];
  readonly #byName = new Map<string, LinuxInterface>();
  #byHostName: ReadonlyMap<string, LinuxInterface> | undefined;

  /** Text that is equal for two namespaces exactly if they count as one. */
  readonly keyOf: (ns: Namespace | undefined) => string;

  /**
   * Indexes `interfaces` by name.
   *
   * @param keyOf Which namespaces are one: those that are written alike, where nobody can look.
   */
  constructor(interfaces: readonly LinuxInterface[], keyOf: (ns: Namespace | undefined) => string = namespaceKey) {
    this.#interfaces = interfaces;
    this.keyOf = keyOf;
    for (const one of interfaces) this.#byName.set(one.name, one);
  }

  /** The interface with this name in the file. */
  named(name: string): LinuxInterface | undefined {
    return this.#byName.get(name);
  }

  /**
   * The interface that `reference` means: the one of that name, if it is in the namespace of the reference (or the
   * reference has none), else the one with that host name there; of a route with next hops, that of the first one.
   * Undefined: the file does not describe it.
   */
  find(reference: Reference): LinuxInterface | undefined {
    const name = reference.interface ?? reference.nextHops?.[0]?.interface;
    if (name === undefined) return undefined;
    const named = this.#byName.get(name);
    const fits = named !== undefined &&
      (reference.namespace === undefined || this.#isSame(namespaceOfItem(named), namespaceOfItem(reference)));
    return fits ? named : this.#withHostName(namespaceOfItem(reference), name);
  }

  /** The interface of this name in this namespace, else the one with this host name there. */
  in(ns: Namespace | undefined, name: string): LinuxInterface | undefined {
    const named = this.#byName.get(name);
    return named !== undefined && this.#isSame(namespaceOfItem(named), ns) ? named : this.#withHostName(ns, name);
  }

  /** The parent of an interface: the one of that name in any namespace, else the one with this host name in its own. */
  parentOf(model: LinuxInterface): LinuxInterface | undefined {
    const parent = parentOf(model);
    if (parent === undefined) return undefined;
    const named = this.#byName.get(parent);
    const found = named === undefined || named === model ? this.#withHostName(namespaceOfItem(model), parent) : named;
    return found === model ? undefined : found;
  }

  /** The namespace in which a reference is: the one that it gives, else that of its interface. */
  namespaceOf(reference: Reference): Namespace | undefined {
    return namespaceOfItem(reference.namespace === undefined ? this.find(reference) ?? {} : reference);
  }

  /** Text that is equal for two links exactly if they have one name in one namespace. */
  linkKey(ns: Namespace | undefined, hostIfName: string): string {
    return `${this.keyOf(ns)} ${hostIfName}`;
  }

  /** Text that is equal for two interfaces exactly if they have one host name in one namespace. */
  #keyOfInterface(one: LinuxInterface): string {
    return this.linkKey(namespaceOfItem(one), one.hostIfName);
  }

  #isSame(a: Namespace | undefined, b: Namespace | undefined): boolean {
    return a === b || this.keyOf(a) === this.keyOf(b);
  }

  /** The interface with this host name. The index is built when a reference first needs it, which is rare. */
  #withHostName(ns: Namespace | undefined, hostIfName: string): LinuxInterface | undefined {
    this.#byHostName ??= new Map(this.#interfaces.map((one) => [this.#keyOfInterface(one), one]));
    return this.#byHostName.get(this.linkKey(ns, hostIfName));
  }
}

/**
 * True of two namespaces that may be one, which only the machine knows: a name, a process, a file, a container. Two
 * names are taken for two namespaces, and a name for another one than the default one.
 */
export function mayBeSame(a: Namespace | undefined, b: Namespace | undefined): boolean {
  if (namespaceKey(a) === namespaceKey(b)) return true;
  const isFixed = (ns: Namespace | undefined): boolean => ns?.type === "named" || isDefaultNamespace(ns);
  return !(isFixed(a) && isFixed(b));
}
