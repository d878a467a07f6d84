/** Links in every namespace that has a name: ends of pairs that somebody moved, and what stands on a link of another one. */
import { printable } from "../../../ffi/mod.ts";
import { NetlinkError, SyscallError } from "../../errors.ts";
import { inspectNamedNamespaces, type NamedNamespaceEntry } from "../../named/list.ts";
import { NsHandle } from "../../netns/handle.ts";
import type { Netlink } from "../../netlink/netlink.ts";
import { observedLink } from "./kernel_answers.ts";
import type { KernelNamespace } from "./kernel_namespace.ts";
import { lowerIndex } from "./lookup.ts";
import type { LinkElsewhere, ObservedLink, ObservedNamespace } from "./observed_namespace.ts";

/** A link as it was found. */
interface FoundLink extends LinkElsewhere {
  readonly namespace?: KernelNamespace | undefined;
  /** True of the namespace of the link that it stands on, if that is another one. */
  readonly standsIn: (namespace: ObservedNamespace) => boolean;
}

/** The links of the whole machine, read at the first question. */
export class LinksElsewhere {
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
  endOf(
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
  linkOn(
    below: ObservedNamespace,
    index: number,
    isMeant: (link: ObservedLink, namespace: ObservedNamespace | undefined) => boolean,
  ): LinkElsewhere | undefined {
    return this.#links.find(({ link, namespace, standsIn }) =>
      lowerIndex(link) === index && link.peerNamespaceId !== undefined && isMeant(link, namespace) && standsIn(below)
    );
  }

  get #links(): readonly FoundLink[] {
    return this.#all ??= [...this.#look()];
  }

  *#look(): Generator<FoundLink> {
    const seen = new Set<bigint>();
    for (const namespace of this.#open()) {
      if (!namespace.exists) continue;
      seen.add(namespace.handle.inode);
      for (const link of namespace.links()) {
        // Asked for when it is known which namespace is meant: each pair of namespaces is a question to the kernel.
        const standsIn = (other: ObservedNamespace): boolean => namespace.namespaceId(other) === link.peerNamespaceId;
        yield { label: namespace.label, namespace, link, standsIn };
      }
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

  /** The links of a namespace; none of one that cannot be entered: it must not keep others from what is theirs. */
  #linksIn(path: string): readonly Pick<FoundLink, "link" | "standsIn">[] {
    try {
      using ns = NsHandle.fromPath(path);
      using netlink = ns.netlink();
      return netlink.listLinks().map(observedLink).map((link) => {
        const below = this.#below(netlink, link);
        return { link, standsIn: (namespace: ObservedNamespace) => namespace === below };
      });
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
