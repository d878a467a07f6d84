/** What a namespace handler can do, in three parts. */
import type {
  ContainerEventsOptions,
  Microservice,
  MicroserviceCtx,
  MicroserviceEvent,
} from "./microservices/microservice.ts";
import type { ArpNamespace, InterfaceNamespace, RouteNamespace } from "./models/namespace.ts";
import type { Namespace, PidNamespace } from "./namespace.ts";
import type { NamespaceMgmtCtx, Revert } from "./netns/context.ts";
import type { NsHandle } from "./netns/handle.ts";

/** Opens, makes and enters namespaces. */
export interface NsManagement {
  /** Opens a namespace; one with a name is made if it does not exist. */
  getOrCreateNamespace(ns?: Namespace): NsHandle;
  /** True exactly when a switch to the namespace would succeed. */
  isNamespaceAvailable(ns?: InterfaceNamespace): boolean;
  /** Switches the calling thread for the rest of the synchronous section. */
  switchNamespace(ns: Namespace | undefined, ctx: NamespaceMgmtCtx): Revert;
  /** The same, for the namespace of the interface model. */
  switchToNamespace(ctx: NamespaceMgmtCtx, ns?: InterfaceNamespace): Revert;
  /** The configuration namespace; it is made if it does not exist. */
  getConfigNamespace(): InterfaceNamespace;
  /** The namespace of a running container by its PID. */
  convertMicroserviceNsToPidNs(label: string): PidNamespace | undefined;
}

/** Converts between the union and the namespaces of the models. */
export interface NsConvertor {
  /** The namespace of an interface as text. */
  ifaceNsToString(ns?: InterfaceNamespace): string;
  /** From the interface model. */
  ifNsToGeneric(ns?: InterfaceNamespace): Namespace | undefined;
  /** From the ARP model. */
  arpNsToGeneric(ns?: ArpNamespace): Namespace | undefined;
  /** From the route model. */
  routeNsToGeneric(ns?: RouteNamespace): Namespace | undefined;
  /** To the interface model. */
  genericToIfaceNs(ns?: Namespace): InterfaceNamespace | undefined;
  /** To the ARP model. */
  genericToArpNs(ns?: Namespace): ArpNamespace | undefined;
  /** To the route model. */
  genericToRouteNs(ns?: Namespace): RouteNamespace | undefined;
}

/** Follows the containers. */
export interface Microservices {
  /** Updates the microservices from the container runtime, once. */
  handleMicroservices(ctx: MicroserviceCtx): Promise<void>;
  /** The running microservices by label. */
  getMicroserviceByLabel(): ReadonlyMap<string, Microservice>;
  /** The running microservices by container id. */
  getMicroserviceByID(): ReadonlyMap<string, Microservice>;
  /** What starts and ends from now on. */
  microserviceEvents(options?: ContainerEventsOptions): AsyncIterable<MicroserviceEvent>;
}

/** Everything that the other parts of an agent need of a namespace handler. */
export interface NamespaceAPI extends NsManagement, NsConvertor, Microservices {}
