/** A link of a rootless lab. */
import type { ImpairmentInput } from "../../models/impair.ts";
import type { LinkStats } from "../../netlink/link/stats.ts";
import type { LabProcess } from "./lab_process.ts";

/** A link of a {@linkcode RootlessLab}: one end of a cable. See {@linkcode LabLink}. */
export class RootlessLink {
  readonly #link: string;
  readonly #process: LabProcess;

  /** @internal Names a link; the process of the lab acts for it. */
  constructor(link: string, process: LabProcess) {
    this.#link = link;
    this.#process = process;
  }

  /** Unplugs the cable. */
  async down(): Promise<void> {
    await this.#process.change("plug", { link: this.#link, up: false });
  }

  /** Plugs it in. */
  async up(): Promise<void> {
    await this.#process.change("plug", { link: this.#link, up: true });
  }

  /** Delays, loses or slows what leaves by this link; undefined mends it. */
  async impair(impairment: ImpairmentInput | undefined): Promise<void> {
    await this.#process.ask("impair", { link: this.#link, to: impairment });
  }

  /** What it received and sent, in bytes and packets. */
  async stats(): Promise<LinkStats> {
    return await this.#process.ask("stats", this.#link);
  }
}
