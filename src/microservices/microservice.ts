/** Containers as the namespace handler sees them. */
import type { ContainerNetwork } from "./pid_proof.ts";

export type { ContainerNetwork };

/** The event of a container that started. */
export const NewMicroservice = "new-ms";
/** The event of a container that ended. */
export const TerminatedMicroservice = "term-ms";

/** A running container that has a microservice label. */
export interface Microservice {
  /** The value of its MICROSERVICE_LABEL. */
  readonly label: string;
  /** The process id of its first process, as this host numbers it. */
  readonly pid: number;
  /** The container's id. */
  readonly id: string;
  /**
   * Whose network namespace it has: its own, the host's (`--network host`), another container's
   * (`--network container:…`, a pod), or one that existed before (Podman's `--network ns:…`). What is configured in a
   * namespace that is not its own affects the others in it.
   */
  readonly network: ContainerNetwork;
}

/** A container as its runtime describes it. */
export interface ContainerDescription {
  /** Its id: 64 hexadecimal digits. */
  readonly id: string;
  /** Its name, as `docker ps` shows it. */
  readonly name: string;
  /** The image that it was started from. */
  readonly image: string;
  /** Its labels. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What happened to a microservice. */
export interface MicroserviceEvent extends Microservice {
  /** Whether it started or ended. */
  readonly eventType: typeof NewMicroservice | typeof TerminatedMicroservice;
  /** Its container. */
  readonly container: ContainerDescription;
}

/** What happened to a container, with or without a microservice label. */
export interface ContainerEvent {
  /** Whether it started or ended. One that is renamed ends and starts. */
  readonly eventType: typeof NewMicroservice | typeof TerminatedMicroservice;
  /** The container. */
  readonly container: ContainerDescription;
  /** The process id of its first process, as this host numbers it. */
  readonly pid: number;
  /** Whose network namespace it has. */
  readonly network: ContainerNetwork;
}

/** Options of the events of containers. */
export interface ContainerEventsOptions {
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** How many events may wait for a reader. @default {4096} */
  readonly queue?: number | undefined;
}

/** A container that runs, but whose namespace is not entered. */
export interface RefusedContainer {
  /** The container's id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Its microservice label, if it has one. */
  readonly label?: string;
  /** Why: `'Docker says that "web" is process 42, which on this machine is another process: …'`. */
  readonly reason: string;
}

/** One piece of work on microservices. Make one for each with `new MicroserviceCtx()`. */
export class MicroserviceCtx {
  /** Ends the work early. */
  readonly signal?: AbortSignal;

  /** Begins a piece of work that `signal` may end. */
  constructor(signal?: AbortSignal) {
    if (signal !== undefined) this.signal = signal;
  }
}
