/** Containers as the namespace handler sees them. */

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
   * Whose its network namespace is, if not its own: the host's (`--network host`), or another container's
   * (`--network container:…`, a pod). What is configured there is configured for those, too.
   */
  readonly network?: "host" | "shared";
}

/** What happened to a microservice. */
export interface MicroserviceEvent extends Microservice {
  /** Whether it started or ended. */
  readonly eventType: typeof NewMicroservice | typeof TerminatedMicroservice;
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
