/** The status of each key and of the agent, as Ligato's agents write it. */
import type { ApplyReport } from "../configurator/report.ts";
import { agentStatusKey, KEY_MAX, shortKey, statusKeyOf } from "./keys.ts";
import type { EtcdConfig } from "./read_config.ts";

/** What an agent says of one key. */
export interface KeyStatus {
  /** The key without what all keys of the label begin with. */
  readonly key: string;
  /** Ligato's names of states. */
  readonly state: "CONFIGURED" | "PENDING" | "INVALID" | "UNIMPLEMENTED" | "FAILED";
  /** Why, if it failed or is invalid. */
  readonly error?: string;
  /** What was done last. */
  readonly last_operation: "VALIDATE" | "CREATE" | "UPDATE";
  /** What it waits for. */
  readonly details?: readonly string[];
}

/** The longest text of an error in a status. */
const ERROR_MAX = 1000;
/** How many details a status has at most. */
const DETAILS_MAX = 16;

/** What was done last for a key, and the value that it had then. */
interface Operation {
  readonly text: string;
  readonly operation: "CREATE" | "UPDATE";
  readonly statusKey: string;
  /** The status of the key while all is well. */
  readonly configured: string;
}

/** Remembers which keys are new and which have changed. */
export class KeyStatuses {
  readonly #label: string;
  #operations = new Map<string, Operation>();

  /** Says it of the keys of `label`. */
  constructor(label: string) {
    this.#label = label;
  }

  /** The key and the value of each status: of `values`, after `report` of an apply. */
  after(
    values: ReadonlyMap<string, string>,
    { faults, items }: Pick<EtcdConfig, "faults" | "items">,
    { pending, failed }: Pick<ApplyReport, "pending" | "failed">,
  ): Map<string, string> {
    const faultOf = new Map(faults.map((fault) => [fault.key, fault]));
    const waiting = new Map(pending.map((one) => [one.item, one.reason]));
    const broken = new Map(failed.map((one) => [one.item, one.reason]));
    const operations = new Map<string, Operation>();
    const statuses = new Map<string, string>();
    for (const [key, text] of values) {
      if (key.length > KEY_MAX) continue; // a status of it could be more than etcd takes
      const before = this.#operations.get(key);
      const isSame = before?.text === text;
      const last = isSame ? before : this.#operation(key, text, before === undefined ? "CREATE" : "UPDATE");
      operations.set(key, last);
      const { operation } = last;
      const fault = faultOf.get(key);
      const reasons = (of: ReadonlyMap<string, string>): string[] => (
        (items.get(key) ?? []).flatMap((item) => of.get(item) ?? [])
      );
      const [errors, details] = [reasons(broken), reasons(waiting)];
      if (fault === undefined && errors.length === 0 && details.length === 0) {
        statuses.set(last.statusKey, last.configured);
        continue;
      }
      const short = shortKey(this.#label, key);
      const status: KeyStatus = fault !== undefined
        ? { key: short, state: fault.state, error: cut(fault.error.message), last_operation: "VALIDATE" }
        : errors.length > 0
        ? { key: short, state: "FAILED", error: cut(errors.join("; ")), last_operation: operation }
        : { key: short, state: "PENDING", last_operation: operation, details: details.slice(0, DETAILS_MAX).map(cut) };
      statuses.set(last.statusKey, JSON.stringify(status));
    }
    this.#operations = operations;
    return statuses;
  }

  #operation(key: string, text: string, operation: Operation["operation"]): Operation {
    const status: KeyStatus = { key: shortKey(this.#label, key), state: "CONFIGURED", last_operation: operation };
    return { text, operation, statusKey: statusKeyOf(this.#label, key), configured: JSON.stringify(status) };
  }
}

const cut = (text: string): string => text.length > ERROR_MAX ? `${text.slice(0, ERROR_MAX)}…` : text;

/** What an agent says of itself. */
export class AgentStatus {
  /** Its key. */
  readonly key: string;
  readonly #version: string;
  readonly #start: number;
  #last = "";
  #change: number;

  /** `version` is that of this package. */
  constructor(label: string, version: string) {
    this.key = agentStatusKey(label);
    this.#version = `netns ${version}`;
    this.#start = seconds();
    this.#change = this.#start;
  }

  /** The value for now; `isWell`: nothing failed. */
  value(isWell: boolean): string {
    const state = isWell ? 1 : 2; // OK, ERROR
    if (`${state}` !== this.#last) this.#change = seconds();
    this.#last = `${state}`;
    return JSON.stringify({
      build_version: this.#version,
      state,
      start_time: this.#start,
      last_change: this.#change,
      last_update: seconds(),
    });
  }
}

const seconds = (): number => Math.floor(Date.now() / 1000);
