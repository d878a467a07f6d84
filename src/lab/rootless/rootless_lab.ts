/** A lab in a process of its own, for a process that may not make namespaces. */
import { Leaving } from "../report_files.ts";
import { checkUntilOptions, until, type UntilOptions } from "../until.ts";
import type { LabReport } from "../report.ts";
import { type LabTopology, linkNamed } from "../topology.ts";
import { RootlessHost } from "./rootless_host.ts";
import { RootlessLink } from "./rootless_link.ts";
import { LabProcess } from "./lab_process.ts";
import type { PassedTopology } from "./messages.ts";

/**
 * A network of hosts that an ordinary user makes: its namespaces are in a process of their own, which is root of a user
 * namespace. Programs, `fetch`, workers and captures are there as in a {@linkcode Lab}; functions and servers of this process
 * cannot be: what a section does, this process may not.
 */
export class RootlessLab implements AsyncDisposable {
  readonly #process: LabProcess;
  readonly #leaving: Leaving;

  private constructor(process: LabProcess) {
    this.#process = process;
    this.#leaving = new Leaving({ report: () => process.reportNow() });
  }

  /** @internal As `Lab.up(topology, { rootless: true })`. */
  static async up(topology: LabTopology): Promise<RootlessLab> {
    const lab = new RootlessLab(await LabProcess.start());
    try {
      await lab.apply(topology);
      return lab;
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The names of the hosts. */
  get hosts(): string[] {
    return this.#process.state.hosts.map(({ name }) => name);
  }

  /**
   * A host.
   *
   * @throws {TypeError} The topology has none of this name.
   */
  host(name: string): RootlessHost {
    this.#process.hostOf(name);
    return new RootlessHost(name, this.#process);
  }

  /**
   * A link.
   *
   * @param name The host and its link: `"client eth0"`.
   * @throws {TypeError} There is none of this name.
   */
  link(name: string): RootlessLink {
    const { key } = linkNamed(name);
    const { links } = this.#process.state;
    if (links.includes(key)) return new RootlessLink(key, this.#process);
    throw new TypeError(`Cannot use ${JSON.stringify(name)} as a link of the lab: expected ${links.join(", ")}`);
  }

  /** As {@linkcode Lab.partition}. */
  async partition(...groups: readonly (readonly string[])[]): Promise<void> {
    await this.#process.ask("partition", groups);
  }

  /** As {@linkcode Lab.heal}. */
  async heal(): Promise<void> {
    await this.#process.ask("heal", undefined);
  }

  /** As {@linkcode Lab.apply}. */
  async apply(topology: LabTopology): Promise<void> {
    await this.#process.change("apply", passed(topology));
  }

  /** As {@linkcode Lab.report}. */
  async report(): Promise<LabReport> {
    return await this.#process.ask("report", undefined);
  }

  /** As {@linkcode Lab.failed}. */
  failed(error?: unknown): void {
    this.#leaving.fail(error);
  }

  /** As {@linkcode Lab.until}. */
  async until<T>(ask: () => T | Promise<T>, options: UntilOptions = {}): Promise<Exclude<T, false | null | undefined>> {
    checkUntilOptions(options);
    return await this.#process.owned.wait((signal) => until(ask, { ...options, signal }), options.signal);
  }

  /** Ends the lab, with all that goes on in it. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#process.hasLab && this.#leaving.wantsReport) this.#leaving.keep(await this.report());
    } finally {
      await this.#process[Symbol.asyncDispose]();
      this.#leaving.end();
    }
  }
}

const passed = (topology: LabTopology): PassedTopology =>
  topology instanceof URL ? { url: topology.href } : { given: topology };
