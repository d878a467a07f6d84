/** What ARP entries and routes refer to: interfaces of the file, by name or by host name, and their namespaces. */
import type { LinuxInterface } from "./interface.ts";
import { NamedNs } from "../namespace.ts";
import type { NamespaceFields } from "./namespace.ts";

/** An ARP entry or a route, as far as it refers to an interface. */
export interface Reference {
  /** The name of an interface of the file, or the host name of one that exists. */
  readonly interface: string;
  /** Where it is; absent: where the interface is. */
  readonly namespace?: NamespaceFields;
}

/** Text that is equal for two namespaces exactly if they are written the same; absent and PID 0 are one. */
export function namespaceKey(ns?: NamespaceFields): string {
  if (ns?.type === NamedNs) return `${NamedNs}:${ns.name ?? ""}`; // as nearly all are: not worth taking it apart
  const { type = 0, pid = 0, microservice = "", name = "", filepath = "" } = ns ?? {};
  return `${type}:${[pid, microservice, name, filepath][type]}`;
}

/** The interfaces of a file, by their names and by their host names. */
export class InterfaceIndex {
  readonly #interfaces: readonly LinuxInterface[];
  readonly #byName = new Map<string, LinuxInterface>();
  #places: ReadonlyMap<string, LinuxInterface> | undefined;

  /** Looks through `interfaces` once. */
  constructor(interfaces: readonly LinuxInterface[]) {
    this.#interfaces = interfaces;
    for (const one of interfaces) this.#byName.set(one.name, one);
  }

  /** Made when something is first referred to by its host name, which is rare. */
  get #byPlace(): ReadonlyMap<string, LinuxInterface> {
    return this.#places ??= new Map(this.#interfaces.map((one) => [place(one.namespace, one.hostIfName), one]));
  }

  /** The interface with this name in the file. */
  named(name: string): LinuxInterface | undefined {
    return this.#byName.get(name);
  }

  /**
   * The interface that `reference` means: the one of that name, if it is in the namespace of the reference (or the
   * reference has none), else the one with that host name there. Undefined: the file does not describe it.
   */
  find({ interface: name, namespace }: Reference): LinuxInterface | undefined {
    const named = this.#byName.get(name);
    const fits = named !== undefined &&
      (namespace === undefined || namespaceKey(named.namespace) === namespaceKey(namespace));
    return fits ? named : this.#byPlace.get(place(namespace, name));
  }
}

const place = (ns: NamespaceFields | undefined, hostIfName: string): string => `${namespaceKey(ns)} ${hostIfName}`;
