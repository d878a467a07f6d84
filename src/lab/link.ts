/** A link of a host of a lab. */
import { type Impairment, type ImpairmentInput, readImpairment } from "../models/impair.ts";
import type { LinkStats } from "../netlink/link/stats.ts";
import type { LabHost } from "./host.ts";

/** What a lab does for one of its links. */
export interface LinkActions {
  /** Plugs it in or unplugs it. */
  plug(up: boolean): Promise<void>;
  /** Impairs it, or mends it. */
  impair(impairment: Impairment | undefined): Promise<void>;
}

/** A link of a {@linkcode Lab}: one end of a cable. */
export class LabLink {
  /** The host that has it. */
  readonly host: LabHost;
  /** Its name there. */
  readonly name: string;
  readonly #actions: LinkActions;

  /** @internal Names a link; the lab acts for it. */
  constructor(host: LabHost, name: string, actions: LinkActions) {
    this.host = host;
    this.name = name;
    this.#actions = actions;
  }

  /**
   * Unplugs the cable: nothing passes, and both ends know. Connections stay, and go on after {@linkcode LabLink.up} unless
   * their programs have given up.
   */
  async down(): Promise<void> {
    await this.#actions.plug(false);
  }

  /** Plugs it in. The addresses and routes of the topology that the kernel dropped are there again. */
  async up(): Promise<void> {
    await this.#actions.plug(true);
  }

  /**
   * Delays, loses or slows what leaves by this link; undefined mends it. It replaces what was set before.
   *
   * @throws {ConfigError} A field has a value that it cannot have.
   * @throws {Error} It cannot be set: the kernel has no netem, which all but a rate needs. What was set before stays.
   */
  async impair(impairment: ImpairmentInput | undefined): Promise<void> {
    await this.#actions.impair(impairment === undefined ? undefined : readImpairment(impairment));
  }

  /** What it received and sent, in bytes and packets. */
  async stats(): Promise<LinkStats> {
    using netlink = this.host.handle.netlink();
    const { stats } = netlink.getLink({ name: this.name }, { stats: true });
    if (stats === undefined) throw new TypeError(`The kernel gives no counters of ${this.name}`);
    return await Promise.resolve(stats);
  }
}
