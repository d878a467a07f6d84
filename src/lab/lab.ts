/** Networks with faults, for tests. */
import { Configurator } from "../configurator/configurator.ts";
import { MemoryStateStore } from "../configurator/store/memory.ts";
import { isErrno, shown, SyscallError } from "../errors.ts";
import { fieldsOf } from "../argument_fields.ts";
import type { Impairment } from "../models/impair.ts";
import type { LinuxInterface } from "../models/interface/linux_interface.ts";
import { NsHandler } from "../ns_handler.ts";
import { LabHost } from "./host.ts";
import { Keeper } from "./keeper.ts";
import { Leaving } from "./report_files.ts";
import { LabLink } from "./link.ts";
import { Owned } from "./owned.ts";
import { type Groups, setPartitions } from "./partition.ts";
import { type LabReport, reportOf } from "./report.ts";
import { RootlessLab } from "./rootless/rootless_lab.ts";
import { inFiles, type LabTopology, linkNamed, readTopology, type Topology } from "./topology.ts";
import { checkUntilOptions, until, type UntilOptions } from "./until.ts";

const ROOTLESS =
  "run the test without root by `netns rootless -- npm test`, or the lab by Lab.up(…, { rootless: true }); " +
  "or run it as root (sudo)";

/**
 * A network of hosts in this process, for a test: each namespace of a topology file is a host. The hosts have no names on
 * the machine, so labs of two tests, processes or users never meet. They are held by descriptors of this process: when it
 * ends, by SIGKILL too, nothing is left. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN.
 *
 * @example
 * ```ts ignore
 * await using lab = await Lab.up(`
 *   links:
 *     - ends: ["client eth0 10.0.0.2/24", "server eth0 10.0.0.1/24"]
 * `);
 * await lab.host("server").listen(server, { port: 8080 });
 * const reply = await lab.host("client").fetch("http://10.0.0.1:8080/");
 * ```
 */
export class Lab implements AsyncDisposable {
  readonly #handler = new NsHandler({ docker: false });
  readonly #configurator = new Configurator(this.#handler, { store: new MemoryStateStore() });
  readonly #keeper = new Keeper();
  readonly #leaving = new Leaving(this);
  readonly #hosts = new Map<string, LabHost>();
  /** `HOST LINK` of those that are unplugged. */
  readonly #down = new Set<string>();
  /** What was set by {@linkcode LabLink.impair} since the topology was made, by `HOST LINK`. */
  readonly #impaired = new Map<string, Impairment | undefined>();
  #partitions: Groups[] = [];
  #topology: Topology;
  #isOpen = true;
  #ending: Promise<void> | undefined;
  /** What is waited for and is no host's. */
  readonly #owned = new Owned();
  /** Settles with the last change. */
  #changes: Promise<void> = Promise.resolve();

  private constructor(topology: Topology) {
    this.#topology = topology;
  }

  /**
   * Makes a network.
   *
   * @param topology The text of a topology file, the URL of one, or an object. All its namespaces are named ones: hosts.
   * @throws {ConfigError} The topology has faults, or an item on the machine itself.
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN.
   * @throws {Error} Something of it cannot be made: the message has each item, and why. Nothing is left.
   */
  static up(topology: LabTopology, options?: { readonly rootless?: false | undefined }): Promise<Lab>;
  /**
   * Makes a network without root, in a process of its own that is root of a user namespace.
   *
   * @throws {Error} User namespaces are not allowed here: the message says what forbids them, and what to do.
   */
  static up(topology: LabTopology, options: { readonly rootless: true }): Promise<RootlessLab>;
  static async up(topology: LabTopology, options: { readonly rootless?: boolean | undefined } = {}): Promise<
    Lab | RootlessLab
  > {
    checkOptions(options);
    if (options.rootless) return await RootlessLab.up(topology);
    const lab = new Lab(readTopology(topology));
    try {
      await lab.#apply(lab.#topology);
      return lab;
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      if (isErrno(error, "EPERM")) {
        throw new SyscallError(error.syscall, error.errno, { remedy: ROOTLESS, cause: error });
      }
      throw error;
    }
  }

  /** The names of the hosts. */
  get hosts(): string[] {
    return [...this.#hosts.keys()];
  }

  /** The names of the links, with their hosts: `"client eth0"`. */
  get links(): string[] {
    return this.#topology.config.interfaces.map(keyOf);
  }

  /**
   * A host.
   *
   * @throws {TypeError} The topology has none of this name.
   */
  host(name: string): LabHost {
    const host = this.#hosts.get(name);
    if (host !== undefined) return host;
    if (!this.#isOpen) throw new Error("The lab has ended");
    throw new TypeError(`Cannot use ${shown(name)} as a host of the lab: expected ${this.hosts.join(", ")}`);
  }

  /**
   * A link.
   *
   * @param name The host and its link: `"client eth0"`.
   * @throws {TypeError} There is none of this name.
   */
  link(name: string): LabLink {
    const { host, link, key } = linkNamed(name);
    const { links } = this;
    if (!links.includes(key)) {
      throw new TypeError(`Cannot use ${shown(name)} as a link of the lab: expected ${links.join(", ")}`);
    }
    return new LabLink(this.host(host), link, {
      plug: (up) => this.#inTurn(() => this.#plug(host, link, up)),
      impair: (impairment) => this.#inTurn(() => this.#impair(key, impairment)),
    });
  }

  /**
   * Cuts the network between groups of hosts: what one sends to a host of another group is dropped there, also through routers
   * and bridges, and never refused. It is added to the partitions that there are. Packets whose source a router translates
   * pass.
   *
   * @throws {TypeError} The topology has no such host, one is in two of the groups, or there are fewer than two groups.
   * @throws {NetlinkError} The kernel has no nf_tables.
   */
  async partition(...groups: readonly (readonly string[])[]): Promise<void> {
    if (groups.length < 2 || !groups.every((group) => Array.isArray(group))) { // one group would cut nothing
      throw new TypeError(`Cannot use ${shown(groups)} as a partition: expected two lists of hosts or more`);
    }
    const named = groups.flat();
    const twice = named.find((name, i) => named.indexOf(name) !== i);
    if (twice !== undefined) throw new TypeError(`Cannot put ${shown(twice)} in two groups of a partition`);
    const partitions = [...this.#partitions, groups.map((group) => group.map((name) => this.host(name)))];
    setPartitions(this.#hosts.values(), partitions);
    this.#partitions = partitions;
    await Promise.resolve();
  }

  /** Ends all partitions. */
  async heal(): Promise<void> {
    this.#partitions = [];
    setPartitions(this.#hosts.values(), []);
    await Promise.resolve();
  }

  /**
   * Makes the network as a changed topology describes it, while it runs: hosts that are no longer described end, with what goes
   * on in them; links that are unplugged stay so; impairments are as the topology has them where it has changed them.
   *
   * @throws As {@linkcode Lab.up}; what could be made is made.
   */
  async apply(topology: LabTopology): Promise<void> {
    await this.#inTurn(() => this.#change(topology));
  }

  async #change(topology: LabTopology): Promise<void> {
    if (!this.#isOpen) throw new Error("The lab has ended");
    const before = new Map(this.#topology.config.interfaces.map((one) => [keyOf(one), JSON.stringify(one.impair)]));
    const next = readTopology(topology);
    const isAsBefore = new Set(
      next.config.interfaces.flatMap((one) => before.get(keyOf(one)) === JSON.stringify(one.impair) ? keyOf(one) : []),
    );
    for (const key of [...this.#impaired.keys()]) if (!isAsBefore.has(key)) this.#impaired.delete(key);
    await this.#apply(next);
  }

  /** What it looks like now: a picture, and of each host its links with counters, neighbours, routes, sockets and captures. */
  report(): LabReport {
    return reportOf(this.#topology.config, this.#hosts.values());
  }

  /**
   * Says that the lab ends because of an error: with `NETNS_LAB_OUT` in the environment it leaves its report, and the files of
   * its captures, in that directory. Without this call it does so if the process ends with another status than 0, and leaves
   * nothing if not.
   *
   * @param error What is written beside the report.
   */
  failed(error?: unknown): void {
    this.#leaving.fail(error);
  }

  /**
   * Asks again and again until the answer is true, or is a value, and gives that. See {@linkcode until}.
   *
   * @throws {Error} It was not so in time.
   */
  async until<T>(ask: () => T | Promise<T>, options: UntilOptions = {}): Promise<Exclude<T, false | null | undefined>> {
    checkUntilOptions(options);
    return await this.#owned.wait((signal) => until(ask, { ...options, signal }), options.signal);
  }

  /** Ends the lab: closes its sockets, servers and workers, rejects what is pending, kills what was spawned. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#ending ??= this.#end());
  }

  async #end(): Promise<void> {
    this.#isOpen = false;
    if (this.#leaving.wantsReport) this.#leaving.keep(this.report());
    const reason = new Error("The lab has ended");
    const hosts = [...this.#hosts.values()];
    this.#hosts.clear();
    await this.#owned.end(reason);
    const ends = await Promise.allSettled(hosts.map((host) => host.end(reason, this.#changes)));
    await this.#keeper[Symbol.asyncDispose]();
    await this.#handler.close();
    this.#leaving.end();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  /** Makes a change when those before it are made or have failed. */
  async #inTurn(change: () => Promise<void>): Promise<void> {
    const made = this.#changes.then(change);
    this.#changes = made.catch(() => undefined);
    await made;
  }

  async #apply(topology: Topology): Promise<void> {
    for (const name of topology.hosts) {
      if (this.#hosts.has(name)) continue;
      this.#hosts.set(name, new LabHost(name, this.#keeper));
    }
    this.#topology = topology;
    await this.#reconcile();
    for (const [name, host] of this.#hosts) {
      if (topology.hosts.includes(name)) continue;
      this.#hosts.delete(name);
      this.#partitions = this.#partitions.map((groups) => groups.map((group) => group.filter((one) => one !== host)));
      await host.end(new Error(`The host ${name} is no longer in the lab`));
    }
    this.#partition(); // of the addresses of now
  }

  #partition(): void {
    if (this.#partitions.length > 0) setPartitions(this.#hosts.values(), this.#partitions);
  }

  /** Makes everything as it is to be; `what` is what cannot be done if it fails. */
  async #reconcile(what = "The lab cannot be made"): Promise<void> {
    const pathOf = (name: string): string => `/proc/self/fd/${this.host(name).handle.fd}`;
    const config = inFiles(this.#topology, pathOf, (one) => this.#now(one));
    const { failed, pending } = await this.#configurator.apply(config);
    const waiting = this.#down.size > 0 ? [] : pending; // for a link that is unplugged
    if (failed.length + waiting.length === 0) return;
    const lines = [...failed, ...waiting].map(({ item, reason }) => `${item}: ${reason}`);
    throw new Error(`${what}: ${this.#withHosts(lines.join("; "))}`);
  }

  /** An interface of the topology as it is at the moment. */
  #now(one: LinuxInterface): LinuxInterface {
    const key = keyOf(one);
    const { impair, ...rest } = this.#down.has(key) ? { ...one, enabled: false } : one;
    const impairment = this.#impaired.has(key) ? this.#impaired.get(key) : impair;
    return impairment === undefined ? rest : { ...rest, impair: impairment };
  }

  async #impair(key: string, impairment: Impairment | undefined): Promise<void> {
    const [had, before] = [this.#impaired.has(key), this.#impaired.get(key)];
    this.#impaired.set(key, impairment);
    try {
      await this.#reconcile("The link cannot be impaired");
    } catch (error) {
      if (had) this.#impaired.set(key, before);
      else this.#impaired.delete(key);
      throw error;
    }
  }

  /** A text in which the hosts have their names. */
  #withHosts(text: string): string {
    return text.replace(/FILE:[/]proc[/]self[/]fd[/](\d+)/g, (file, fd) => {
      const host = [...this.#hosts.values()].find(({ handle }) => handle.fd === Number(fd));
      return host?.name ?? file;
    });
  }

  async #plug(host: string, link: string, up: boolean): Promise<void> {
    const key = `${host} ${link}`;
    if (up) this.#down.delete(key);
    else this.#down.add(key);
    using netlink = this.host(host).handle.netlink();
    netlink.setLink({ name: link }, { up });
    if (!up) return;
    await this.#reconcile("The link cannot be plugged in");
    this.#partition(); // of the addresses that are back
  }
}

const checkOptions = fieldsOf<{ readonly rootless?: boolean | undefined }>("the options of a lab", {
  rootless: "boolean",
});

/** The host and the link of an interface: `"client eth0"`. */
function keyOf({ namespace, hostIfName }: LinuxInterface): string {
  return `${namespace?.name} ${hostIfName}`;
}
