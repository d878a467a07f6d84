/** Where an end of a pair is that somebody moved: looked for in every namespace that has a name. */
import { printable } from "../../../ffi/mod.ts";
import { NetlinkError, SyscallError } from "../../errors.ts";
import { inspectNamedNamespaces } from "../../named/list.ts";
import { NsHandle } from "../../netns/handle.ts";
import { observedLink } from "./kernel_answers.ts";
import type { KernelNamespace } from "./kernel_namespace.ts";
import type { ObservedLink } from "./observed_namespace.ts";

/** A link in a namespace that need not be one of those which a plan opened. */
interface FoundLink {
  /** The namespace, for people. */
  readonly label: string;
  /** The namespace, if a plan opened it. */
  readonly namespace?: KernelNamespace;
  readonly link: ObservedLink;
}

/** The ends of pairs of the whole machine, read at the first question. */
export class MovedEnds {
  readonly #netnsDir: string;
  readonly #open: () => Iterable<KernelNamespace>;
  #ends: readonly FoundLink[] | undefined;

  /** Looks in the namespaces that are `open`, and in those that have a name in `netnsDir`. */
  constructor(netnsDir: string, open: () => Iterable<KernelNamespace>) {
    this.#netnsDir = netnsDir;
    this.#open = open;
  }

  /**
   * The end of a pair with this hardware address, for people: `"eth0 in blue"`.
   *
   * @param isClaimed True of a link that a configuration owns.
   */
  find(
    address: string,
    isClaimed: (namespace: KernelNamespace, link: ObservedLink) => boolean,
  ): string | undefined {
    this.#ends ??= [...this.#all()].filter(({ link }) => link.kind === "veth");
    const found = this.#ends.find(({ namespace, link }) => (
      link.address === address && !(namespace !== undefined && isClaimed(namespace, link))
    ));
    return found && `${printable(found.link.name)} in ${printable(found.label)}`;
  }

  *#all(): Generator<FoundLink> {
    const seen = new Set<bigint>();
    for (const namespace of this.#open()) {
      if (!namespace.exists) continue;
      seen.add(namespace.handle.inode);
      for (const link of namespace.links()) yield { label: namespace.label, namespace, link };
    }
    for (const { name, path, inode } of inspectNamedNamespaces({ netnsDir: this.#netnsDir })) {
      if (inode === undefined || seen.has(inode)) continue;
      seen.add(inode);
      for (const link of this.#linksIn(path)) yield { label: name, link };
    }
  }

  /** The links of a namespace; none of one that cannot be read: it is only looked for where to say so. */
  #linksIn(path: string): readonly ObservedLink[] {
    try {
      using ns = NsHandle.fromPath(path);
      using netlink = ns.netlink();
      return netlink.listLinks().map(observedLink);
    } catch (error) {
      if (error instanceof SyscallError || error instanceof NetlinkError) return [];
      throw error;
    }
  }
}
