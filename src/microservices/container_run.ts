/** A container while it runs. */
import type { NsHandle } from "../netns/handle.ts";
import type { ContainerDescription, ContainerNetwork } from "./microservice.ts";

/** One start of a container. */
export interface Run {
  readonly container: ContainerDescription;
  /** Its microservice label. */
  readonly label: string | undefined;
  readonly pid: number;
  readonly network: ContainerNetwork;
  /** When it started, as text that sorts by time. It distinguishes the runs of one container. */
  readonly startedAt: string;
  /** Its namespace: open as long as the run is in the registry, which closes it. */
  readonly namespace: NsHandle;
}
