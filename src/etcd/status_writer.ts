/** Writes statuses into the cluster, under a lease, on change only. */
import { pause } from "../async/pause.ts";
import { reasonOf } from "../reason.ts";
import type { EtcdEvent } from "./events.ts";
import { GrpcError } from "./grpc_error.ts";
import { type Member, rangeOf } from "./member.ts";
import type { AgentStatus } from "./status.ts";
import type { Write } from "./transactions.ts";

/** How long statuses outlive their agent, in seconds. */
const LEASE = 30;
/** How often the agent says that it is there, in milliseconds. */
const BEAT = 10_000;

/** How statuses are written. */
export interface StatusWriterOptions {
  /** The member that answers now. */
  readonly member: () => Member | undefined;
  /** What the agent says of itself. */
  readonly agent: AgentStatus;
  /** What the keys of the statuses begin with. */
  readonly beginnings: readonly string[];
  /** Ends it; what was written ends with its lease. */
  readonly signal: AbortSignal;
  /** Hears what is to be known. */
  readonly onEvent: (event: EtcdEvent) => void;
}

/** Keeps the statuses in the cluster as they were last set. It runs beside everything else, which never waits for it. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  #wanted: ReadonlyMap<string, string> = new Map();
  #written = new Map<string, string>();
  #isWell = true;
  /** What it was when the agent said so last. */
  #wasWell = true;
  #lease = 0n;
  /** What the agent said of itself last; empty: nothing yet, under this lease. */
  #lastAgent = "";
  #isSecondKnown = false;
  #lastFailure = "";
  #wake: () => void = () => {};

  /** Writes nothing until {@linkcode StatusWriter.run}. */
  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  /** What is to be there from now on; `isWell`: nothing failed. */
  set(statuses: ReadonlyMap<string, string>, isWell: boolean): void {
    this.#wanted = statuses;
    this.#isWell = isWell;
    this.#wake();
  }

  /** Writes until the signal. */
  async run(): Promise<void> {
    const { member, signal } = this.#options;
    let nextBeat = 0;
    while (!signal.aborted) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      const there = member();
      if (there !== undefined) {
        try {
          const isBeat = performance.now() >= nextBeat;
          if (isBeat) nextBeat = performance.now() + BEAT;
          await this.#write(there, isBeat);
          this.#lastFailure = "";
        } catch (error) {
          if (signal.aborted) return;
          this.#fail(error);
        }
      }
      const isBehind = there === undefined || this.#lastFailure !== "";
      const end = (): void => woken.abort();
      signal.addEventListener("abort", end);
      await pause(isBehind ? 1000 : Math.max(0, nextBeat - performance.now()), woken.signal);
      signal.removeEventListener("abort", end);
    }
  }

  async #write(member: Member, isBeat: boolean): Promise<void> {
    if (this.#lease === 0n || isBeat && !await member.keepAlive(this.#lease)) {
      this.#written = await this.#left(member);
      this.#lease = await member.grant(LEASE);
      this.#lastAgent = "";
    }
    const { agent } = this.#options;
    const writes: Write[] = [];
    if (isBeat || this.#lastAgent === "") await this.#lookForAnother(member);
    const [wanted, isWell] = [this.#wanted, this.#isWell];
    if (isBeat || this.#lastAgent === "" || isWell !== this.#wasWell) {
      this.#lastAgent = agent.value(isWell);
      writes.push({ key: agent.key, value: this.#lastAgent });
    }
    for (const [key, value] of wanted) if (this.#written.get(key) !== value) writes.push({ key, value });
    for (const key of this.#written.keys()) if (!wanted.has(key)) writes.push({ key, value: undefined });
    try {
      await member.write(writes, this.#lease);
    } catch (error) {
      if (error instanceof GrpcError && /lease not found/.test(error.message)) this.#lease = 0n;
      throw error;
    }
    this.#written = new Map(wanted);
    this.#wasWell = isWell;
  }

  /** The statuses that are there: an agent before this one may have left some, and their leases have not ended. */
  async #left(member: Member): Promise<Map<string, string>> {
    const left = new Map<string, string>();
    for (const beginning of this.#options.beginnings) {
      const { entries } = await member.list(rangeOf(beginning));
      for (const { key } of entries) left.set(new TextDecoder().decode(key), "");
    }
    return left;
  }

  /** Two agents with one label write over each other. */
  async #lookForAnother(member: Member): Promise<void> {
    const { agent, onEvent } = this.#options;
    if (this.#lastAgent === "") return; // what is there may be what this agent wrote before a restart
    const found = await member.get(agent.key);
    const isOther = found !== undefined && found.lease !== this.#lease;
    if (isOther && !this.#isSecondKnown) onEvent({ kind: "second-agent", key: agent.key });
    this.#isSecondKnown = isOther;
  }

  #fail(error: unknown): void {
    const reason = reasonOf(error);
    if (reason !== this.#lastFailure) this.#options.onEvent({ kind: "status-failed", reason });
    this.#lastFailure = reason;
    // A part may have been written.
    this.#written = new Map([...this.#written.keys(), ...this.#wanted.keys()].map((key) => [key, ""]));
  }
}
