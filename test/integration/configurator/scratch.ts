/** Namespaces and a configurator for one test, and what the kernel says of them. */
import { assertRejects } from "@std/assert";
import {
  type ApplyOptions,
  type ApplyReport,
  Configurator,
  createNamedNamespace,
  deleteNamedNamespace,
  MemoryStateStore,
  namedNamespaceExists,
  type NamespaceInput,
  type Netlink,
  type NetworkConfig,
  type NetworkConfigInput,
  NsHandle,
  NsHandler,
  readConfig,
  type StateStore,
} from "@netns/netns";
import { scratchName } from "../support/traces.ts";

/** Names that no other test has, and a configurator with a memory of its own. All is gone at the end of the block. */
export class Scratch implements Disposable {
  readonly store: MemoryStateStore = new MemoryStateStore();
  readonly handler: NsHandler;
  readonly configurator: Configurator;
  readonly #names = new Map<string, string>();
  readonly #prefix = scratchName();

  /** One by whose handler containers are found, too. */
  constructor(handler: NsHandler = new NsHandler()) {
    this.handler = handler;
    this.configurator = new Configurator(handler, { store: this.store });
  }

  /** The real name for a short one. */
  name(short: string): string {
    const name = this.#names.get(short) ?? `${this.#prefix}-${short}`;
    this.#names.set(short, name);
    return name;
  }

  /** Makes a namespace beforehand, as somebody else would. */
  make(short: string): void {
    createNamedNamespace(this.name(short)).close();
  }

  exists(short: string): boolean {
    return namedNamespaceExists(this.name(short));
  }

  /** A configuration in which namespaces have short names. */
  config(document: NetworkConfigInput): NetworkConfig {
    const real = <T extends { readonly namespace?: NamespaceInput | undefined }>(item: T): T =>
      typeof item.namespace === "string" ? { ...item, namespace: this.#real(item.namespace) } : item;
    const text = (line: string): string => line.replace(/^\S+/, (short) => this.#real(short));
    const { namespaces = [], interfaces = [], arpEntries = [], routes = [], rules = [], links = [] } = document;
    const { nat = [], forwards = [], firewall = [], uplinks = [] } = document;
    return readConfig({
      name: this.#prefix,
      ...document,
      namespaces: namespaces.map((entry) => (
        typeof entry === "string" ? this.name(entry) : { ...entry, name: this.#real(entry.name) }
      )),
      links: links.map(({ ends, bridge, ...link }) => (
        { ...link, ends: ends.map(text), bridge: bridge === undefined ? undefined : text(bridge) }
      )),
      interfaces: interfaces.map(real),
      arpEntries: arpEntries.map(real),
      routes: routes.map((route) => typeof route === "string" ? text(route) : real(route)),
      rules: rules.map(real),
      nat: nat.map(real),
      forwards: forwards.map(real),
      firewall: firewall.map(real),
      uplinks: uplinks.map((one) => typeof one === "string" ? this.#real(one) : real(one)),
    });
  }

  /** Applies; the lines have short names. */
  async apply(
    document: NetworkConfigInput,
    options: ApplyOptions = {},
  ): Promise<ApplyReport & { readonly lines: readonly string[] }> {
    return this.#readable(await this.configurator.apply(this.config(document), options));
  }

  /** Applies, and is killed: as soon as what it intends is written, or before it writes that all is `done`. */
  async applyCutShort(document: NetworkConfigInput, when: "intended" | "done" = "intended"): Promise<void> {
    const { store } = this;
    let count = 0;
    const killing: StateStore = {
      lock: (options) => store.lock(options),
      names: () => store.names(),
      load: (name) => store.load(name),
      remove: (name) => store.remove(name),
      save: async (name, state) => {
        const isIntent = count++ === 0;
        if (isIntent) await store.save(name, state);
        if (!isIntent || when === "intended") throw new Error("killed");
      },
    };
    const configurator = new Configurator(this.handler, { store: killing });
    await assertRejects(() => configurator.apply(this.config(document)), Error, "killed");
  }

  async destroy(
    document: NetworkConfigInput,
    options: ApplyOptions = {},
  ): Promise<ApplyReport & { readonly lines: readonly string[] }> {
    return this.#readable(await this.configurator.destroy(this.config(document), options));
  }

  /** Works in a namespace over netlink. */
  in<T>(short: string, fn: (netlink: Netlink, ns: NsHandle) => T): T {
    using ns = NsHandle.fromName(this.name(short));
    using netlink = ns.netlink();
    return fn(netlink, ns);
  }

  /** The links of a namespace but for loopback, with their addresses. */
  look(short: string): Record<string, { mtu: number; up: boolean; addresses: string[] }> {
    return this.in(short, (netlink) => {
      const addresses = netlink.listAddresses();
      return Object.fromEntries(
        netlink.listLinks().filter(({ name }) => name !== "lo").map(({ index, name, mtu, up }) => [name, {
          mtu,
          up,
          addresses: addresses.filter(({ linkIndex, cidr }) => linkIndex === index && !cidr.startsWith("fe80:"))
            .map(({ cidr }) => cidr),
        }]),
      );
    });
  }

  /** All that a file could have made there, in an order of its own. */
  state(short: string): unknown {
    return this.in(short, (netlink) => {
      const links = netlink.listLinks();
      const name = (index?: number): string => links.find((link) => link.index === index)?.name ?? "";
      const withCarrier = new Set(links.filter(({ lowerUp }) => lowerUp).map(({ index }) => index));
      const sorted = <T>(list: T[]): T[] => list.sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
      return {
        links: sorted(links.map(({ name, mtu, up, kind, address }) => ({ name, mtu, up, kind, address }))),
        // The flags say which is the first of its network; the order of networks means nothing.
        addresses: Object.fromEntries(
          links.map(({ index, name }): [string, string[]] => [
            name,
            netlink.listAddresses({ linkIndex: index }).filter(({ cidr }) => !cidr.startsWith("fe80:"))
              .map(({ cidr, flags }) => `${cidr} ${flags}`).sort(),
          ]).sort(),
        ),
        routes: sorted(
          netlink.listRoutes().filter(({ table, dst }) => table !== 255 && !/^f[ef]/.test(dst)).map((route) => ({
            dst: route.dst,
            metric: route.metric,
            scope: route.scope,
            source: route.preferredSource,
            hops: route.nextHops.map(({ linkIndex, gateway }) => `${name(linkIndex)} ${gateway ?? ""}`),
          })),
        ),
        neighbours: sorted(
          netlink.listNeighbours().filter(({ linkIndex, ip, state }) =>
            /^(10\.|fd)/.test(ip) && (state === "permanent" || withCarrier.has(linkIndex)) // the others go, some time later
          ).map(({ linkIndex, ip, address, state }) => `${name(linkIndex)} ${ip} ${address} ${state}`),
        ),
      };
    });
  }

  [Symbol.dispose](): void {
    for (const name of this.#names.values()) {
      if (!namedNamespaceExists(name)) continue;
      // Links first: their other ends, which may be elsewhere, go at once and not some time later.
      using ns = NsHandle.fromName(name);
      using netlink = ns.netlink();
      netlink.tryBatch((batch) => {
        for (const { index, kind } of netlink.listLinks()) if (kind === "veth") batch.deleteLink({ index });
      });
      deleteNamedNamespace(name);
    }
  }

  #real(text: string): string {
    return text.includes(":") ? text : this.name(text);
  }

  #readable(report: ApplyReport): ApplyReport & { readonly lines: readonly string[] } {
    const short = (text: string): string => text.replaceAll(`${this.#prefix}-`, "");
    const shorten = <T extends { item: string; reason: string }>(one: T): T => (
      { ...one, item: short(one.item), reason: short(one.reason) }
    );
    return {
      ...report,
      pending: report.pending.map(shorten),
      failed: report.failed.map(shorten),
      lines: report.done.map(({ item, description }) => short(`${item}: ${description}`)),
    };
  }
}
