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
  StateFileError,
  SyscallError,
  type SyscallErrorOptions,
  UnavailableMicroserviceError,
  type UnavailableMicroserviceOptions,
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
  NamespaceInput,
  owner,
  RouteNamespace,
} from "./src/models/namespace.ts";
export type { NamespaceFields, NamespaceFieldsInput } from "./src/models/namespace_message.ts";
export type { NamespaceReferenceInput } from "./src/models/namespace_reference.ts";
export {
  compareNamespaces,
  containerNs,
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
export type { Address, AddressFilter, AddressOptions } from "./src/netlink/address/types.ts";
export { NetlinkBatch } from "./src/netlink/batch.ts";
export type { NetlinkChange, NetlinkGroup } from "./src/netlink/reported_changes.ts";
export { Closable } from "./src/netlink/closable.ts";
export type { AddrGenMode, OperState } from "./src/netlink/constants/link.ts";
export type { NeighbourState } from "./src/netlink/constants/neighbour.ts";
export { Ethtool } from "./src/netlink/ethtool/ethtool.ts";
export type { LinkChannelCounts, LinkChannels } from "./src/netlink/ethtool/channels.ts";
export type { LinkFeature, LinkFeatures } from "./src/netlink/ethtool/features.ts";
export type { RoutePreference, RouteScope, RouteType } from "./src/netlink/constants/route.ts";
export type { NetlinkEvent, NetlinkEventsOptions } from "./src/netlink/events.ts";
export type { GenericFamily, GenericOperation } from "./src/netlink/generic/family.ts";
export { GenericNetlink, type GenericRequest } from "./src/netlink/generic/generic.ts";
export type { GenericHeader, GenericMessage } from "./src/netlink/generic/message.ts";
export type {
  ForwardingEntry,
  ForwardingEntryFields,
  ForwardingEntrySpec,
  ForwardingFilter,
  ForwardingState,
} from "./src/netlink/bridge/forwarding.ts";
export { BridgeQueries } from "./src/netlink/bridge/queries.ts";
export { BridgeRequests } from "./src/netlink/bridge/requests.ts";
export type { BridgeVlan, BridgeVlanFilter, BridgeVlanSpec } from "./src/netlink/bridge/vlans.ts";
export type { LinkBase } from "./src/netlink/link/base.ts";
export type { BondMiiStatus, BondPort, BondPortState } from "./src/netlink/link/bond_ports.ts";
export type { BridgePort } from "./src/netlink/link/bridge_ports.ts";
export type { BondOptions, BondSpec } from "./src/netlink/link/kinds/bond.ts";
export type {
  BondAdInfo,
  BondAdSelect,
  BondArpAllTargets,
  BondArpValidate,
  BondFailOverMac,
  BondLacpRate,
  BondMode,
  BondPrimaryReselect,
  BondXmitHashPolicy,
} from "./src/netlink/constants/bond.ts";
export type { BridgeOptions, BridgeSpec, BridgeStpMode } from "./src/netlink/link/kinds/bridge.ts";
export type { DummySpec } from "./src/netlink/link/kinds/dummy.ts";
export type { EndAddresses } from "./src/netlink/link/kinds/end_addresses.ts";
export type { ErspanOptions, ErspanSpec } from "./src/netlink/link/kinds/erspan.ts";
export type { ErspanDirection, ErspanFields } from "./src/netlink/link/kinds/erspan_options.ts";
export type { GeneveOptions, GeneveSpec } from "./src/netlink/link/kinds/geneve.ts";
export type { GreSpec } from "./src/netlink/link/kinds/gre.ts";
export type { GreKeys, GreOptions } from "./src/netlink/link/kinds/gre_options.ts";
export type { GretapSpec } from "./src/netlink/link/kinds/gretap.ts";
export type { HsrOptions, HsrSpec } from "./src/netlink/link/kinds/hsr.ts";
export type { IfbSpec } from "./src/netlink/link/kinds/ifb.ts";
export type { Ip6TunnelFields } from "./src/netlink/link/kinds/ip6_tunnel.ts";
export type { Ip6erspanOptions, Ip6erspanSpec } from "./src/netlink/link/kinds/ip6erspan.ts";
export type { Ip6greSpec } from "./src/netlink/link/kinds/ip6gre.ts";
export type { Ip6greOptions } from "./src/netlink/link/kinds/ip6gre_options.ts";
export type { Ip6gretapSpec } from "./src/netlink/link/kinds/ip6gretap.ts";
export type { Ip6tnlOptions, Ip6tnlProto, Ip6tnlSpec } from "./src/netlink/link/kinds/ip6tnl.ts";
export type { IpTunnelFields, IpTunnelProto } from "./src/netlink/link/kinds/ip_tunnel.ts";
export type { IpipOptions, IpipSpec } from "./src/netlink/link/kinds/ipip.ts";
export type { IpvlanMode, IpvlanOptions, IpvlanSpec } from "./src/netlink/link/kinds/ipvlan.ts";
export type { KindChanges, LinkKind, LinkSpec, OtherLinkSpec } from "./src/netlink/link/kinds/link_spec.ts";
export type {
  MacsecCipherSuite,
  MacsecOffload,
  MacsecOptions,
  MacsecSpec,
  MacsecValidation,
} from "./src/netlink/link/kinds/macsec.ts";
export type { MacvlanSpec } from "./src/netlink/link/kinds/macvlan.ts";
export type { MacvlanMode, MacvlanOptions } from "./src/netlink/link/kinds/macvlan_options.ts";
export type { MacvtapSpec } from "./src/netlink/link/kinds/macvtap.ts";
export type {
  NetkitMode,
  NetkitOptions,
  NetkitPolicy,
  NetkitScrub,
  NetkitSpec,
} from "./src/netlink/link/kinds/netkit.ts";
export type { NlmonSpec } from "./src/netlink/link/kinds/nlmon.ts";
export type { KeptOptions } from "./src/netlink/link/kinds/kind_options.ts";
export type { PortRange } from "./src/netlink/link/kinds/port_range.ts";
export type { SitOptions, SitSpec } from "./src/netlink/link/kinds/sit.ts";
export type { TeamSpec } from "./src/netlink/link/kinds/team.ts";
export type { TunMode, TunOptions } from "./src/netlink/link/kinds/tun.ts";
export { createTun, Tun, type TunSpec } from "./src/netlink/link/tun.ts";
export type { TunnelEncap, TunnelEncapType } from "./src/netlink/link/kinds/tunnel_encap.ts";
export type { DontFragment, UdpTunnelOptions } from "./src/netlink/link/kinds/udp_tunnel.ts";
export type { VcanSpec } from "./src/netlink/link/kinds/vcan.ts";
export type { LinkPeer, VethSpec } from "./src/netlink/link/kinds/veth.ts";
export type { QosMapping, VlanOptions, VlanSpec } from "./src/netlink/link/kinds/vlan.ts";
export type { VrfOptions, VrfSpec } from "./src/netlink/link/kinds/vrf.ts";
export type { VxlanLabelPolicy, VxlanOptions, VxlanSpec } from "./src/netlink/link/kinds/vxlan.ts";
export type { WireguardSpec } from "./src/netlink/link/kinds/wireguard.ts";
export type { XfrmOptions, XfrmSpec } from "./src/netlink/link/kinds/xfrm.ts";
export type { LinkGroup, LinkRef, NamesLink, OfLink } from "./src/netlink/link/ref.ts";
export type { LinkRxStats, LinkStats, LinkTxStats } from "./src/netlink/link/stats.ts";
export type { Link, LinkChange, LinkListOptions } from "./src/netlink/link/types.ts";
export type { Neighbour, NeighbourFilter, NeighbourProperties, NeighbourSpec } from "./src/netlink/neighbour/types.ts";
export { Netlink } from "./src/netlink/netlink.ts";
export { AddressQueries } from "./src/netlink/address/queries.ts";
export { AddressRequests } from "./src/netlink/address/requests.ts";
export { FamilyQueries } from "./src/netlink/family_queries.ts";
export { FamilyRequests } from "./src/netlink/family_requests.ts";
export { LinkQueries } from "./src/netlink/link/queries.ts";
export { LinkRequests } from "./src/netlink/link/requests.ts";
export { NamespaceIdQueries } from "./src/netlink/nsid/queries.ts";
export { NamespaceIdRequests } from "./src/netlink/nsid/requests.ts";
export { NeighbourQueries } from "./src/netlink/neighbour/queries.ts";
export { NeighbourRequests } from "./src/netlink/neighbour/requests.ts";
export { NetlinkQueries } from "./src/netlink/queries.ts";
export type {
  NftConcat,
  NftElement,
  NftElements,
  NftMapElement,
  NftMapElements,
  NftPrefix,
  NftRange,
  NftScalar,
  NftTimedElement,
  NftValue,
  NftVerdict,
} from "./src/netlink/nftables/element_types.ts";
export type { NftLimit, NftPeriod } from "./src/netlink/nftables/expressions/limit.ts";
export type { NftQuota } from "./src/netlink/nftables/expressions/quota.ts";
export type { NftUnit, NftWhole } from "./src/netlink/nftables/expressions/units.ts";
export { Nftables } from "./src/netlink/nftables/nftables.ts";
export type {
  NftCounterObject,
  NftCtExpectation,
  NftCtHelper,
  NftCtTimeout,
  NftFlowtable,
  NftLimitObject,
  NftQuotaObject,
  NftSynproxy,
} from "./src/netlink/nftables/object_types.ts";
export type { NftKeyed, NftMap, NftSet } from "./src/netlink/nftables/set_types.ts";
export type { NftFamily, NftHook, NftNamed } from "./src/netlink/nftables/names.ts";
export type {
  NftFib,
  NftLeft,
  NftLog,
  NftMapped,
  NftMatch,
  NftNat,
  NftNumgen,
  NftRight,
  NftSelector,
  NftSetStatement,
  NftStatement,
} from "./src/netlink/nftables/statement_types.ts";
export type {
  NftChain,
  NftCommand,
  NftFlushed,
  NftObject,
  NftRawSet,
  NftRule,
  NftTable,
  NftTarget,
} from "./src/netlink/nftables/types.ts";
export { NetlinkRequests } from "./src/netlink/requests.ts";
export { NextHopQueries } from "./src/netlink/nexthop/queries.ts";
export { NextHopRequests } from "./src/netlink/nexthop/requests.ts";
export type {
  NextHopFilter,
  NextHopGroupType,
  NextHopMember,
  NextHopObject,
  NextHopObjectSpec,
  ResilientGroup,
} from "./src/netlink/nexthop/types.ts";
export type { OtherEncap, RouteEncap } from "./src/netlink/route/encap/encap.ts";
export type { IpEncap } from "./src/netlink/route/encap/ip.ts";
export type { MplsEncap } from "./src/netlink/route/encap/mpls.ts";
export type { Seg6Encap, Seg6Mode } from "./src/netlink/route/encap/seg6.ts";
export type { Seg6LocalAction, Seg6LocalEncap } from "./src/netlink/route/encap/seg6local.ts";
export { RouteQueries } from "./src/netlink/route/queries.ts";
export { RouteRequests } from "./src/netlink/route/requests.ts";
export type { RouteMetrics } from "./src/netlink/route/metrics.ts";
export type { SocketState, SocketTimer, TcpCongestionState, UnixSocketType } from "./src/netlink/constants/sockdiag.ts";
export { SocketDiag } from "./src/netlink/sockdiag/socket_diag.ts";
export type { TcpInfo } from "./src/netlink/sockdiag/tcp_info.ts";
export type {
  DatagramSocketState,
  InetSocketBase,
  SocketBase,
  SocketEntry,
  SocketFilter,
  SocketProtocol,
  TcpSocket,
  UnixSocketState,
} from "./src/netlink/sockdiag/types.ts";
export type { EtherType, TcLinkLayer, TcVerdict } from "./src/netlink/constants/tc.ts";
export type { GactOptions, GactProbability } from "./src/netlink/tc/action/kinds/gact.ts";
export type { MirredOptions } from "./src/netlink/tc/action/kinds/mirred.ts";
export type { PoliceOptions } from "./src/netlink/tc/action/kinds/police.ts";
export type {
  ActionOptions,
  ActionState,
  OtherActionKind,
  OtherActionOptions,
  TcAction,
} from "./src/netlink/tc/action/types.ts";
export type { TcControl } from "./src/netlink/tc/action/verdict.ts";
export type { HtbClassOptions } from "./src/netlink/tc/class/kinds/htb.ts";
export type {
  ClassPlace,
  ClassState,
  OtherClassKind,
  OtherClassOptions,
  TcClass,
  TcClassOptions,
  TcClassRef,
  TcClassSpec,
} from "./src/netlink/tc/class/types.ts";
export type { TcCounters } from "./src/netlink/tc/counters.ts";
export type { Distribution } from "./src/netlink/tc/distribution.ts";
export type { FilterFlags } from "./src/netlink/tc/filter/flags.ts";
export type { FlowerIpProtocol, FlowerOptions, FlowerPort } from "./src/netlink/tc/filter/kinds/flower.ts";
export type { FlowerProtocol } from "./src/netlink/tc/filter/kinds/flower_wire.ts";
export type { MatchallOptions } from "./src/netlink/tc/filter/kinds/matchall.ts";
export type { U32Options } from "./src/netlink/tc/filter/kinds/u32.ts";
export type {
  FilterOptions,
  FilterPlace,
  FilterState,
  OtherFilterKind,
  OtherFilterOptions,
  TcFilter,
  TcFilterFilter,
  TcFilterRef,
  TcFilterSpec,
} from "./src/netlink/tc/filter/types.ts";
export type { KindOptions, NoOptions, TcKept } from "./src/netlink/tc/tc_kind.ts";
export type {
  CakeAckFilter,
  CakeAtm,
  CakeDiffserv,
  CakeFlowMode,
  CakeOptions,
} from "./src/netlink/tc/qdisc/kinds/cake.ts";
export type { CodelOptions } from "./src/netlink/tc/qdisc/kinds/codel.ts";
export type { FifoOptions } from "./src/netlink/tc/qdisc/kinds/fifo.ts";
export type { FqOptions } from "./src/netlink/tc/qdisc/kinds/fq.ts";
export type { FqCodelOptions } from "./src/netlink/tc/qdisc/kinds/fq_codel.ts";
export type { HtbOptions } from "./src/netlink/tc/qdisc/kinds/htb.ts";
export type { NetemOptions, NetemSlot } from "./src/netlink/tc/qdisc/kinds/netem.ts";
export type { NetemLossGemodel, NetemLossModel, NetemLossState } from "./src/netlink/tc/qdisc/kinds/netem_loss.ts";
export type { PrioOptions } from "./src/netlink/tc/qdisc/kinds/prio.ts";
export type { RedOptions } from "./src/netlink/tc/qdisc/kinds/red.ts";
export type { SfqOptions } from "./src/netlink/tc/qdisc/kinds/sfq.ts";
export type { TbfOptions } from "./src/netlink/tc/qdisc/kinds/tbf.ts";
export type {
  OtherQdiscKind,
  OtherQdiscOptions,
  Qdisc,
  QdiscFilter,
  QdiscOptions,
  QdiscPlace,
  QdiscRef,
  QdiscSpec,
  QdiscState,
} from "./src/netlink/tc/qdisc/types.ts";
export { TrafficControlQueries } from "./src/netlink/tc/queries.ts";
export type { RateOptions } from "./src/netlink/tc/rate.ts";
export type { RedFlags } from "./src/netlink/tc/red.ts";
export { TrafficControlRequests } from "./src/netlink/tc/requests.ts";
export type { NextHop, NextHopSpec } from "./src/netlink/route/next_hops.ts";
export type { Route, RouteFilter, RouteQuestion, RouteSpec } from "./src/netlink/route/types.ts";
export type { RuleAction } from "./src/netlink/constants/rule.ts";
export { RuleQueries } from "./src/netlink/rule/queries.ts";
export { RuleRequests } from "./src/netlink/rule/requests.ts";
export type { Range, Rule, RuleFilter, RuleLink, RuleSpec } from "./src/netlink/rule/types.ts";
export type {
  Attributes,
  EntryValue,
  Table,
  TableEntry,
  Unknown,
  UnknownAttribute,
} from "./src/netlink/wire/attributes.ts";
export type { Codec, FixedCodec } from "./src/netlink/wire/codec.ts";
export type { Decode, NetlinkRequest, Reply } from "./src/netlink/wire/framing.ts";
export type {
  WireguardChange,
  WireguardDevice,
  WireguardPeer,
  WireguardPeerChange,
} from "./src/netlink/wireguard/types.ts";
export { Wireguard } from "./src/netlink/wireguard/wireguard.ts";
export type { Reader, Writer } from "./src/netlink/wire/buffers.ts";
export type { Fields, Padding, Struct } from "./src/netlink/wire/struct.ts";
export { type Wire, wire } from "./src/netlink/wire/wire.ts";
export { MalformedMessageError } from "./src/netlink/wire/malformed.ts";
export { createNamedNamespace } from "./src/named/create.ts";
export { deleteNamedNamespace } from "./src/named/delete.ts";
export {
  type ContainerHolder,
  type DiscoveredNamespace,
  discoverNamespaces,
  type DiscoverOptions,
  type HeldDescriptor,
  type HeldMount,
  type HeldThread,
} from "./src/named/discover.ts";
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
export type { LookupFailure, LookupOptions } from "./src/netns/dns/lookup.ts";
export type { ExecOptions, ExecResult } from "./src/netns/exec.ts";
export { NsHandle } from "./src/netns/handle.ts";
export type {
  ArgumentsOf,
  CallOptions,
  NamespaceWorker,
  NamespaceWorkerOptions,
  ResultOf,
  Transferable,
} from "./src/netns/namespace_worker.ts";
export { type ChildProcess, NamespaceRuntime, type ProgramOptions, type SpawnOptions } from "./src/netns/runtime.ts";
export type { Capture, CaptureOptions } from "./src/capture/capture.ts";
export type { CaptureFilter, CaptureProtocol } from "./src/capture/filter/expression.ts";
export type { CapturedPacket } from "./src/capture/packet.ts";
export type { ConnectOptions } from "./src/netns/sockets/connect.ts";
export type { DatagramOptions } from "./src/netns/sockets/datagram.ts";
export type { SocketFailure } from "./src/netns/sockets/failure.ts";
export type { ListenOptions } from "./src/netns/sockets/listen.ts";
export { auditThreads, type ThreadNamespace } from "./src/netns/threads.ts";
export type { Synchronous } from "./src/netns/synchronous.ts";
export { createWorker, runInNamespace, type Worker, type WorkerOptions } from "./src/netns/worker.ts";
export type { Microservices, NamespaceAPI, NsConvertor, NsManagement } from "./src/namespace_api.ts";
export {
  type ContainerDescription,
  type ContainerEvent,
  type ContainerEventsOptions,
  type ContainerNetwork,
  type Microservice,
  MicroserviceCtx,
  type MicroserviceEvent,
  NewMicroservice,
  type RefusedContainer,
  TerminatedMicroservice,
} from "./src/microservices/microservice.ts";
export { ContainerNamespaces } from "./src/microservices/container_namespaces.ts";
export type { DockerOptions } from "./src/microservices/endpoints/endpoints.ts";
export type { ContainerRuntimeState } from "./src/microservices/runtime_state.ts";
export { NsHandler, type NsHandlerOptions } from "./src/ns_handler.ts";
export type { NetlinkNamespace, NetNsNamespace, OperatingSystem, Syscall, SystemAPI } from "./src/system/api.ts";
export { newSystemHandler, SystemHandler, type SystemHandlerOptions } from "./src/system/handler.ts";
export type { AgentOptions } from "./src/configurator/agent/agent.ts";
export { Configurator } from "./src/configurator/configurator.ts";
export type { ApplyOptions, ConfiguratorOptions, PlanOptions } from "./src/configurator/options.ts";
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
export type { ObservedAddressOptions, ObservedRouteOptions } from "./src/configurator/observed/observed_namespace.ts";
export type {
  AddressBefore,
  ExtrasBefore,
  FullRoute,
  HopBefore,
  LinkBefore,
  NeighbourBefore,
  OptionsBefore,
  PortEntryBefore,
  RouteBefore,
  UpperBefore,
  VlanBefore,
  VxlanEntryBefore,
} from "./src/configurator/ownership/prior_state.ts";
export type { Cookie } from "./src/configurator/ownership/cookie.ts";
export type {
  BorrowedRecord,
  FileRecord,
  LinkEnd,
  LinkRecord,
  NamespaceRecord,
  NeighbourRecord,
  ObjectRecord,
  QdiscRecord,
  RouteRecord,
  RuleFields,
  RuleRecord,
  SysctlRecord,
  TableRecord,
  UsedFields,
} from "./src/configurator/ownership/records.ts";
export type { ArpEntryInput, LinuxArpEntry } from "./src/models/arp.ts";
export { defineNetwork, type NetworkConfig, parseConfig, readConfig } from "./src/models/config.ts";
export type { NetworkConfigInput } from "./src/models/config_input.ts";
export type { ConfigOptions } from "./src/models/config_name.ts";
export type { OptionalFields } from "./src/models/fields.ts";
export type { Impairment, ImpairmentInput } from "./src/models/impair.ts";
export type { InterfaceInput, LinuxInterface } from "./src/models/interface/linux_interface.ts";
export type {
  ConnectionState,
  Firewall,
  FirewallException,
  FirewallExceptionInput,
  FirewallInput,
  FirewallVerdict,
} from "./src/models/firewall.ts";
export type { PortForward, PortForwardInput } from "./src/models/forwards.ts";
export type { NatRule, NatRuleInput } from "./src/models/nat.ts";
export type { Ports } from "./src/models/ports.ts";
export type { BondFields, VrfFields } from "./src/models/interface/bond.ts";
export type { BridgeFields } from "./src/models/interface/bridge.ts";
export type { BridgePortFields, PortVlan } from "./src/models/interface/bridge_port.ts";
export type { IpvlanFields, MacvlanFields } from "./src/models/interface/macvlan.ts";
export type { TunFields } from "./src/models/interface/tun.ts";
export type { TunnelFields } from "./src/models/interface/tunnel.ts";
export type { VlanFields } from "./src/models/interface/vlan.ts";
export type { GeneveFields, VxlanEntry, VxlanFields } from "./src/models/interface/vxlan.ts";
export type {
  WireguardFields,
  WireguardInput,
  WireguardPeerFields,
  WireguardPeerInput,
} from "./src/models/interface/wireguard.ts";
export type { LinuxRoute, RouteInput, RouteNextHop } from "./src/models/route.ts";
export type { LinuxRule, RuleInput } from "./src/models/rule.ts";
export type { LinkInput } from "./src/models/short/link.ts";
export { type EtcdConf, type EtcdEnvironment, type EtcdTls, parseEtcdConf } from "./src/etcd/etcd_conf.ts";
export type { EtcdEvent } from "./src/etcd/events.ts";
export type { KeyFault } from "./src/etcd/items.ts";
export type { KeyWarning } from "./src/etcd/read_config.ts";
export type { NamespaceKind } from "./src/etcd/allowed_namespaces.ts";
export { type EtcdConfigs, etcdConfigs, type EtcdOptions } from "./src/etcd/source.ts";
export type { DescribedNamespaceInput, NamespaceWithSysctls } from "./src/models/sysctls.ts";
export type { Uplink, UplinkFields, UplinkInput } from "./src/models/uplinks.ts";
export { type ConfigWarning, configWarnings } from "./src/models/warnings.ts";
