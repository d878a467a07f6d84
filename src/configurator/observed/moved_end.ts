/** Links in namespaces of which the configuration says nothing: ends of pairs that somebody moved, and what stands on a link. */
import { printable } from "../../../ffi/mod.ts";
import { NetlinkError, SyscallError } from "../../errors.ts";
import { inspectNamedNamespaces, type NamedNamespaceEntry } from "../../named/list.ts";
import { NsHandle } from "../../netns/handle.ts";
import { observedLink } from "./kernel_answers.ts";
import { lowerIndex } from "./lookup.ts";
import type { KernelNamespace } from "./kernel_namespace.ts";
import type { Netlink } from "../../netlink/netlink.ts";
import type { ObservedLink, ObservedNamespace } from "./observed_namespace.ts";

/** A link in a namespace that need not be one of those which a plan opened. */
interface FoundLink {
  /** The namespace, for people. */
  readonly label: string;
  /** The namespace, if a plan opened it. */
  readonly namespace?: KernelNamespace;
  readonly link: ObservedLink;
  /** The namespace of the link that it stands on, if a plan opened that. */
  readonly below?: KernelNamespace | undefined;
}

/** The ends of pairs of the whole machine, read at the first question. */
export class MovedEnds {
  readonly #netnsDir: string;
  readonly #open: () => Iterable<KernelNamespace>;
  #all: readonly FoundLink[] | undefined;
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
    this.#ends ??= this.#links.filter(({ link }) => link.kind === "veth");
    const found = this.#ends.find(({ namespace, link }) => (
      link.address === address && !(namespace !== undefined && isClaimed(namespace, link))
    ));
    return found && `${printable(found.link.name)} in ${printable(found.label)}`;
  }

  /** As `PlanInput.linkOn`. */
  linkOn(below: ObservedNamespace, index: number, isMeant: (link: ObservedLink) => boolean): string | undefined {
    const found = this.#links.find(({ below: at, link }) =>
      at === below && lowerIndex(link) === index && isMeant(link)
    );
    return found && `${printable(found.link.name)} in ${printable(found.label)}`;
  }

  get #links(): readonly FoundLink[] {
    return this.#all ??= [...this.#look()];
  }

  *#look(): Generator<FoundLink> {
    const seen = new Set<bigint>();
    for (const namespace of this.#open()) {
      if (!namespace.exists) continue;
      seen.add(namespace.handle.inode);
      for (const link of namespace.links()) yield { label: namespace.label, namespace, link };
    }
    for (const { name, path, inode } of this.#named()) {
      if (inode === undefined || seen.has(inode)) continue;
      seen.add(inode);
      for (const one of this.#linksIn(path)) yield { label: name, ...one };
    }
  }

  /** The namespaces with a name; none if their directory cannot be read, which whoever opens one by its name says. */
  #named(): NamedNamespaceEntry[] {
    try {
      return inspectNamedNamespaces({ netnsDir: this.#netnsDir });
    } catch (error) {
      if (error instanceof SyscallError) return [];
      throw error;
    }
  }

  /** The links of a namespace; none of one that cannot be read: it is only looked for where to say so. */
  #linksIn(path: string): readonly Pick<FoundLink, "link" | "below">[] {
    try {
      using ns = NsHandle.fromPath(path);
      using netlink = ns.netlink();
      return netlink.listLinks().map(observedLink).map((link) => ({ link, below: this.#below(netlink, link) }));
    } catch (error) {
      if (error instanceof SyscallError || error instanceof NetlinkError) return [];
      throw error;
    }
  }

  /** The namespace of the link that `link` stands on, if that is another one and a plan opened it. */
  #below(netlink: Netlink, link: ObservedLink): KernelNamespace | undefined {
    const { peerNamespaceId } = link;
    if (peerNamespaceId === undefined || lowerIndex(link) === undefined) return undefined;
    for (const one of this.#open()) {
      if (one.exists && netlink.getNamespaceId(one.handle) === peerNamespaceId) return one;
    }
    return undefined;
  }
}
