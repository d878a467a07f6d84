/** A link of a host of a lab. */
import type { ImpairmentInput } from "../models/impair.ts";
import type { LinkStats } from "../netlink/link/stats.ts";
import type { LabHost } from "./host.ts";
import { impair, readImpairment } from "./impair.ts";

/** A link of a {@linkcode Lab}: one end of a cable. */
export class LabLink {
  /** The host that has it. */
  readonly host: LabHost;
  /** Its name there. */
  readonly name: string;
  readonly #setUp: (up: boolean) => Promise<void>;

  /** @internal Names a link; `setUp` plugs and unplugs it. */
  constructor(host: LabHost, name: string, setUp: (up: boolean) => Promise<void>) {
    this.host = host;
    this.name = name;
    this.#setUp = setUp;
  }

  /**
   * Unplugs the cable: nothing passes, and both ends know. Connections stay, and go on after {@linkcode LabLink.up} unless
   * their programs have given up.
   */
  async down(): Promise<void> {
    await this.#setUp(false);
  }

  /** Plugs it in. The addresses and routes of the topology that the kernel dropped are there again. */
  async up(): Promise<void> {
    await this.#setUp(true);
  }

  /**
   * Delays, loses or slows what leaves by this link; undefined mends it. It replaces what was set before.
   *
   * @throws {ConfigError} A field has a value that it cannot have.
   * @throws {NetlinkError} `ENOENT`: the kernel has no netem, which all but a rate needs.
   */
  async impair(impairment: ImpairmentInput | undefined): Promise<void> {
    using netlink = this.host.handle.netlink();
    impair(netlink, this.name, impairment && readImpairment(impairment));
    await Promise.resolve();
  }

  /** What it received and sent, in bytes and packets. */
  async stats(): Promise<LinkStats> {
    using netlink = this.host.handle.netlink();
    const { stats } = netlink.getLink({ name: this.name }, { stats: true });
    if (stats === undefined) throw new TypeError(`The kernel gives no counters of ${this.name}`);
    return await Promise.resolve(stats);
  }
}
