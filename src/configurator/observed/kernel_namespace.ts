/** A namespace that can be worked in: its handle, its sockets, and how it comes and goes. */
import { LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import { reasonOf } from "../../errors.ts";
import type { Netlink } from "../../netlink/netlink.ts";
import type { Nftables } from "../../netlink/nftables/nftables.ts";
import type { Wireguard } from "../../netlink/wireguard/wireguard.ts";
import { type NsHandle, openNetlinks } from "../../netns/handle.ts";
import type { FoundObstacle } from "../../netns/name/mount_point.ts";
import { KernelQuestions } from "./kernel_questions.ts";
import type { ObservedNamespace } from "./observed_namespace.ts";

/** A namespace that can be worked in: what is in it is read over a netlink socket of its own. */
export class KernelNamespace extends KernelQuestions implements ObservedNamespace, Disposable {
  /** As {@linkcode ObservedNamespace.label}. */
  readonly label: string;
  /** As {@linkcode ObservedNamespace.reference}. */
  readonly reference: string;
  /** As {@linkcode ObservedNamespace.name}. */
  readonly name: string | undefined;
  /** As {@linkcode ObservedNamespace.stale}. */
  readonly stale: boolean;
  /** As {@linkcode ObservedNamespace.obstacle}. */
  readonly obstacle: string | undefined;
  /** True if this process made it. */
  isOwn = false;
  #handle: NsHandle | undefined;
  #netlink: Netlink | undefined;
  #nftables: Nftables | undefined;
  #wireguard: Wireguard | undefined;
  #cookie: string | undefined;
  #nextIndex = 0;

  /**
   * A namespace behind `handle`, which belongs to it from now on; without a handle, one that will be made.
   *
   * @param obstacle What stands under its name.
   */
  constructor(
    label: string,
    reference: string,
    name?: string,
    handle?: NsHandle,
    obstacle?: FoundObstacle,
  ) {
    super();
    this.stale = obstacle?.isStale ?? false;
    this.obstacle = obstacle && reasonOf(obstacle.error);
    this.label = label;
    this.reference = reference;
    this.name = name;
    this.#handle = handle;
  }

  /** As {@linkcode ObservedNamespace.exists}. */
  override get exists(): boolean {
    return this.#handle !== undefined;
  }

  /**
   * The open namespace.
   *
   * @throws {Error} It was not made.
   */
  override get handle(): NsHandle {
    if (this.#handle === undefined) throw new Error(`The namespace ${this.label} was not made`);
    return this.#handle;
  }

  /** As {@linkcode ObservedNamespace.cookie}. */
  get cookie(): string | undefined {
    return this.exists ? this.#cookie ??= String(this.netlink.namespaceCookie) : undefined;
  }

  /** As {@linkcode ObservedNamespace.inode}. */
  get inode(): string | undefined {
    return this.exists ? String(this.handle.inode) : undefined;
  }

  /** The socket in the namespace, opened at the first use. */
  override get netlink(): Netlink {
    return this.#netlink ??= this.handle.netlink();
  }

  /** The socket of nf_tables in the namespace, opened at the first use. */
  override get nftables(): Nftables {
    return this.#nftables ??= this.handle.nftables();
  }

  /** The socket of WireGuard in the namespace, opened at the first use. */
  override get wireguardSocket(): Wireguard {
    return this.#wireguard ??= this.handle.wireguard();
  }

  /** Opens a socket in each of the namespaces that exists and has none, in one round of switches. */
  static connect(namespaces: Iterable<KernelNamespace>): void {
    const waiting = [...namespaces].filter((namespace) => namespace.exists && namespace.#netlink === undefined);
    const netlinks = openNetlinks(waiting.map(({ handle }) => handle));
    waiting.forEach((namespace, index) => namespace.#netlink = netlinks[index]);
  }

  /** The namespace was made: `handle` belongs to it from now on. Sets its loopback link up. */
  made(handle: NsHandle): void {
    this.#closeSockets();
    this.#cookie = undefined;
    this.#handle = handle;
    this.forget();
    this.netlink.setLink({ index: LOOPBACK_INDEX }, { up: true });
  }

  /** It was not made after all. */
  lost(): void {
    this.#closeSockets();
    this.#handle = undefined;
  }

  /** An index that no link has here, as far as is known. */
  takeIndex(): number {
    if (this.#nextIndex === 0) this.#nextIndex = Math.max(LOOPBACK_INDEX, ...this.links().map(({ index }) => index));
    return ++this.#nextIndex;
  }

  /** An index that no link has here nor in `other`, as far as is known. */
  takeIndexWith(other: KernelNamespace): number {
    const index = Math.max(this.takeIndex(), other.takeIndex());
    this.#nextIndex = index;
    other.#nextIndex = index;
    return index;
  }

  /** Forgets which links there are: somebody else has taken an index that {@linkcode takeIndex} gave. */
  override forgetLinks(): void {
    super.forgetLinks();
    this.#nextIndex = 0;
  }

  /** Closes the socket and the handle. */
  [Symbol.dispose](): void {
    this.#closeSockets();
    this.#handle?.close();
  }

  #closeSockets(): void {
    this.#netlink?.close();
    this.#netlink = undefined;
    this.#nftables?.close();
    this.#nftables = undefined;
    this.#wireguard?.close();
    this.#wireguard = undefined;
  }
}

/** `namespace` as the kernel has it: executors get no others. */
export function kernelNamespace(namespace: ObservedNamespace): KernelNamespace {
  if (namespace instanceof KernelNamespace) return namespace;
  throw new TypeError(`Cannot work in ${namespace.label}: expected an open namespace`);
}
