/**
 * Linux network namespaces for Deno and Node: name them by PID, by name, by file or by the container that runs in
 * them; switch there and back; create and delete them; build links, addresses and routes in them.
 *
 * The library opens libc at the first call, not at import: text and models need no permission.
 *
 * @module
 */
export {
  ConfigError,
  type ConfigIssue,
  InvalidNamespaceError,
  NamespaceLeakError,
  NamespaceSwitchError,
  NetlinkError,
  OverrunError,
  StateFileError,
  SyscallError,
  type SyscallErrorOptions,
  UnavailableMicroserviceError,
} from "./src/errors.ts";
export {
  arpNsToGeneric,
  genericToArpNs,
  genericToIfaceNs,
  genericToRouteNs,
  ifaceNsToString,
  ifNsToGeneric,
  NsConverters,
  routeNsToGeneric,
} from "./src/models/converters.ts";
export type {
  ArpNamespace,
  InterfaceNamespace,
  NamespaceFields,
  owner,
  RouteNamespace,
} from "./src/models/namespace.ts";
export {
  compareNamespaces,
  type FileNamespace,
  fileNs,
  FileRefNs,
  type MicroserviceNamespace,
  microserviceNs,
  MicroserviceRefNs,
  type NamedNamespace,
  NamedNs,
  namedNs,
  type Namespace,
  namespaceToString,
  parseNamespace,
  type PidNamespace,
  pidNs,
  PidRefNs,
} from "./src/namespace.ts";
export type { Address, AddressFilter, AddressOptions } from "./src/netlink/address/address.ts";
export type {
  BridgeSpec,
  DummySpec,
  IpvlanMode,
  IpvlanSpec,
  LinkBase,
  LinkKind,
  LinkSpec,
  MacvlanMode,
  MacvlanSpec,
  VethSpec,
  VlanSpec,
  VrfSpec,
} from "./src/netlink/link/kinds/kinds.ts";
export type { AddrGenMode, OperState } from "./src/netlink/constants/link.ts";
export type { NeighbourState } from "./src/netlink/constants/neighbour.ts";
export type { RouteScope, RouteType } from "./src/netlink/constants/route.ts";
export type { NetlinkChange, NetlinkGroup } from "./src/netlink/changes.ts";
export type { NetlinkEvent, NetlinkEventsOptions } from "./src/netlink/events.ts";
export type { Link, LinkChange, LinkGroup, LinkRef } from "./src/netlink/link/link.ts";
export { MalformedMessageError } from "./src/netlink/wire/malformed.ts";
export type { Neighbour, NeighbourFilter, NeighbourSpec } from "./src/netlink/neighbour/neighbour.ts";
export { Netlink, NetlinkBatch } from "./src/netlink/netlink.ts";
export type { NetlinkRequest } from "./src/netlink/wire/framing.ts";
export { NetlinkRequests } from "./src/netlink/requests.ts";
export type { NextHop, Route, RouteFilter, RouteSpec } from "./src/netlink/route/route.ts";
export { createNamedNamespace } from "./src/named/create.ts";
export { deleteNamedNamespace } from "./src/named/delete.ts";
export { identifyNamespace, type NamespaceIdentity } from "./src/named/identify.ts";
export {
  inspectNamedNamespaces,
  listNamedNamespaces,
  type NamedNamespaceEntry,
  namedNamespaceExists,
} from "./src/named/list.ts";
export { type NamedNamespaceChange, watchNamedNamespaces, type WatchOptions } from "./src/named/watch.ts";
export type { NamedOptions } from "./src/named/options.ts";
export { NamespaceMgmtCtx, newNamespaceMgmtCtx, type Revert } from "./src/netns/context.ts";
export { type ChildProcess, NsHandle, type SpawnOptions } from "./src/netns/handle.ts";
export { auditThreads, type ThreadNamespace } from "./src/netns/threads.ts";
export { createWorker, runInNamespace, type Worker, type WorkerOptions } from "./src/netns/worker.ts";
export type { Microservices, NamespaceAPI, NsConvertor, NsManagement } from "./src/namespace_api.ts";
export {
  type Microservice,
  MicroserviceCtx,
  type MicroserviceEvent,
  NewMicroservice,
  TerminatedMicroservice,
} from "./src/microservices/microservice.ts";
export type { DockerOptions } from "./src/microservices/endpoints/endpoints.ts";
export type { ContainerRuntimeState } from "./src/microservices/state.ts";
export { NsHandler, type NsHandlerOptions } from "./src/ns_handler.ts";
export type { NetlinkNamespace, NetNsNamespace, OperatingSystem, Syscall, SystemAPI } from "./src/system/api.ts";
export { newSystemHandler, SystemHandler, type SystemHandlerOptions } from "./src/system/handler.ts";
export type { AgentOptions } from "./src/configurator/agent/agent.ts";
export {
  type ApplyOptions,
  Configurator,
  type ConfiguratorOptions,
  type PlanOptions,
} from "./src/configurator/configurator.ts";
export type {
  ApplyReport,
  FailedItem,
  PendingItem,
  Plan,
  Progress,
  Step,
  StepKind,
} from "./src/configurator/report.ts";
export { FileStateStore } from "./src/configurator/store/file.ts";
export { MemoryStateStore } from "./src/configurator/store/memory.ts";
export type { LockOptions, StateStore } from "./src/configurator/store/store.ts";
export type { ConfigurationState, LegacyState } from "./src/configurator/ownership/state.ts";
export type {
  AddressBefore,
  BorrowedRecord,
  Cookie,
  FullRoute,
  LinkBefore,
  LinkEnd,
  LinkRecord,
  NamespaceRecord,
  NeighbourRecord,
  ObjectRecord,
  RouteBefore,
  RouteRecord,
} from "./src/configurator/ownership/records.ts";
export type { LinuxArpEntry } from "./src/models/arp.ts";
export { type ConfigOptions, type NetworkConfig, parseConfig, readConfig } from "./src/models/config.ts";
export type { LinuxInterface } from "./src/models/interface.ts";
export type { LinuxRoute } from "./src/models/route.ts";
