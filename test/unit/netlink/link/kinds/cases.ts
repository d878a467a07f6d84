/**
 * Links of every kind, each as `ip` makes it and as a specification: both must mean the same. They are made beside `v0`,
 * of the index 10, and `d0` and `d1`, of the indexes 20 and 21.
 */
import type { LinkSpec } from "@netns/netns";

/** A link, as `ip` makes it and as a specification. */
export interface KindCase {
  /** The arguments of `ip`. */
  readonly command: string;
  readonly spec: LinkSpec;
  /** The kernel that has the kind, if not that of User Mode Linux: Debian's, or none that there is. */
  readonly kernel?: "debian" | "none";
  /** Why only `ip` sends some attributes, which change nothing. */
  readonly unlike?: string;
  /** An option that the kernel takes, and does not list. */
  readonly unlisted?: string;
}

/** The index of `v0`. */
export const LOWER = 10;

const v0 = "v0";

export const CASES: readonly KindCase[] = [
  { command: "link add x type dummy", spec: { kind: "dummy", name: "x" } },
  { command: "link add x type ifb", spec: { kind: "ifb", name: "x" } },
  { command: "link add x type nlmon", spec: { kind: "nlmon", name: "x" } },
  { command: "link add x type vcan", spec: { kind: "vcan", name: "x" } },
  { command: "link add x type team", spec: { kind: "team", name: "x" } },
  { command: "link add x type wireguard", spec: { kind: "wireguard", name: "x" }, kernel: "debian" },
  { command: "link add x type xfrm if_id 7", spec: { kind: "xfrm", name: "x", ifId: 7 }, kernel: "debian" },
  {
    command: "link add x type xfrm dev v0 if_id 0x12345678",
    spec: { kind: "xfrm", name: "x", link: v0, ifId: 0x12345678 },
    kernel: "debian",
  },
  {
    command: "link add x type xfrm external",
    spec: { kind: "xfrm", name: "x", external: true },
    kernel: "debian",
    unlike: "ip sends the number 0",
  },
  {
    command: "link add x link v0 type vlan protocol 802.1ad id 7 reorder_hdr off gvrp on loose_binding on " +
      "ingress-qos-map 1:2 3:4 egress-qos-map 5:6",
    spec: {
      kind: "vlan",
      name: "x",
      link: v0,
      id: 7,
      protocol: 0x88a8,
      reorderHdr: false,
      gvrp: true,
      looseBinding: true,
      ingressQos: [{ from: 1, to: 2 }, { from: 3, to: 4 }],
      egressQos: [{ from: 5, to: 6 }],
    },
  },
  {
    command: "link add x link v0 type vlan id 9 mvrp on",
    spec: { kind: "vlan", name: "x", link: v0, id: 9, mvrp: true },
  },
  { command: "link add x type vrf table 1001", spec: { kind: "vrf", name: "x", table: 1001 } },
  {
    command: "link add x link v0 type ipvlan mode l3 vepa",
    spec: { kind: "ipvlan", name: "x", link: v0, mode: "l3", vepa: true },
  },
  {
    command: "link add x link v0 type ipvlan mode l2 private",
    spec: { kind: "ipvlan", name: "x", link: v0, private: true },
  },
  {
    command: "link add x link v0 type macvlan mode source macaddr set 02:00:00:00:00:07 02:00:00:00:00:08",
    spec: {
      kind: "macvlan",
      name: "x",
      link: v0,
      mode: "source",
      macaddrData: ["02:00:00:00:00:07", "02:00:00:00:00:08"],
    },
  },
  {
    command: "link add x link v0 type macvlan mode private bcqueuelen 500",
    spec: { kind: "macvlan", name: "x", link: v0, mode: "private", bcqueuelen: 500 },
  },
  {
    command: "link add x link v0 type macvlan mode passthru nopromisc",
    spec: { kind: "macvlan", name: "x", link: v0, mode: "passthru", nopromisc: true },
  },
  {
    command: "link add x link v0 type macvtap mode vepa",
    spec: { kind: "macvtap", name: "x", link: v0, mode: "vepa" },
  },
  {
    command: "link add x type vxlan id 42 local 10.9.0.1 remote 10.9.0.2 dev v0 dstport 4789 srcport 5000 6000 ttl 9 " +
      "tos 0x20 df set ageing 60 maxaddr 100 nolearning proxy rsc l2miss l3miss noudpcsum gbp",
    spec: {
      kind: "vxlan",
      name: "x",
      id: 42,
      local: "10.9.0.1",
      remote: "10.9.0.2",
      link: v0,
      port: 4789,
      portRange: { low: 5000, high: 6000 },
      ttl: 9,
      tos: 0x20,
      df: "set",
      ageing: 60,
      limit: 100,
      learning: false,
      proxy: true,
      rsc: true,
      l2miss: true,
      l3miss: true,
      udpCsum: false,
      gbp: true,
    },
  },
  {
    command: "link add x type vxlan id 43 group 239.1.1.1 dev v0 dstport 4789 ttl inherit learning",
    spec: {
      kind: "vxlan",
      name: "x",
      id: 43,
      group: "239.1.1.1",
      link: v0,
      port: 4789,
      ttlInherit: true,
      learning: true,
    },
  },
  {
    command: "link add x type vxlan id 44 remote 2001:db8::2 local 2001:db8::1 dstport 4789 flowlabel 0x12345 " +
      "udp6zerocsumtx udp6zerocsumrx learning",
    spec: {
      kind: "vxlan",
      name: "x",
      id: 44,
      remote: "2001:db8::2",
      local: "2001:db8::1",
      port: 4789,
      label: 0x12345,
      udpZeroCsum6Tx: true,
      udpZeroCsum6Rx: true,
      learning: true,
    },
  },
  {
    command: "link add x type vxlan dstport 4790 external gpe nolearning",
    spec: { kind: "vxlan", name: "x", port: 4790, external: true, gpe: true, learning: false },
  },
  {
    command: "link add x type geneve id 5 remote 10.9.0.2 ttl 3 tos 4 dstport 7000 udpcsum df inherit",
    spec: {
      kind: "geneve",
      name: "x",
      id: 5,
      remote: "10.9.0.2",
      ttl: 3,
      tos: 4,
      port: 7000,
      udpCsum: true,
      df: "inherit",
    },
    unlike: "ip also sends what is 0",
  },
  {
    command: "link add x type geneve id 6 remote 2001:db8::2 ttl inherit udp6zerocsumtx udp6zerocsumrx",
    spec: {
      kind: "geneve",
      name: "x",
      id: 6,
      remote6: "2001:db8::2",
      ttlInherit: true,
      udpZeroCsum6Tx: true,
      udpZeroCsum6Rx: true,
    },
    unlike: "ip also sends what is 0",
  },
  {
    command: "link add x type geneve external",
    spec: { kind: "geneve", name: "x", external: true },
    unlike: "ip also sends what is 0",
  },
  {
    command: "link add x type gre local 10.9.0.1 remote 10.9.0.2 ttl 64 tos 0x10 ikey 7 okey 0.0.1.0 iseq ocsum " +
      "fwmark 0x9 dev v0",
    spec: {
      kind: "gre",
      name: "x",
      local: "10.9.0.1",
      remote: "10.9.0.2",
      ttl: 64,
      tos: 0x10,
      ikey: 7,
      okey: 256,
      iseq: true,
      ocsum: true,
      fwmark: 9,
      link: v0,
    },
    unlike: "ip also sends what is 0",
  },
  {
    command: "link add x type gretap local 10.9.0.1 remote 10.9.0.2 nopmtudisc ignore-df",
    spec: { kind: "gretap", name: "x", local: "10.9.0.1", remote: "10.9.0.2", pmtudisc: false, ignoreDf: true },
    unlike: "ip also sends what is 0",
  },
  { command: "link add x type gretap external", spec: { kind: "gretap", name: "x", external: true } },
  {
    command: "link add x type ip6gre local 2001:db8::1 remote 2001:db8::2 hoplimit 9 encaplimit 2 tclass 0x20 " +
      "flowlabel 0x12345 key 8 oseq dscp inherit",
    spec: {
      kind: "ip6gre",
      name: "x",
      local: "2001:db8::1",
      remote: "2001:db8::2",
      ttl: 9,
      encapLimit: 2,
      tclass: 0x20,
      flowlabel: 0x12345,
      ikey: 8,
      okey: 8,
      oseq: true,
      ip6TnlFRcvDscpCopy: true,
    },
    unlike: "ip also sends what is 0",
  },
  {
    command: "link add x type ip6gretap local 2001:db8::1 remote 2001:db8::2 encaplimit none tclass inherit",
    spec: {
      kind: "ip6gretap",
      name: "x",
      local: "2001:db8::1",
      remote: "2001:db8::2",
      ip6TnlFIgnEncapLimit: true,
      ip6TnlFUseOrigTclass: true,
    },
    unlike: "ip also sends what is 0",
  },
  {
    command: "link add x type ipip mode ipip local 10.9.0.1 remote 10.9.0.2 ttl 5 dev v0",
    spec: { kind: "ipip", name: "x", local: "10.9.0.1", remote: "10.9.0.2", ttl: 5, link: v0 },
    unlike: "ip also sends what is 0",
  },
  {
    command: "link add x type ipip mode any local 10.9.0.1 remote 10.9.0.2 nopmtudisc tos inherit",
    spec: {
      kind: "ipip",
      name: "x",
      proto: "any",
      local: "10.9.0.1",
      remote: "10.9.0.2",
      pmtudisc: false,
      tos: 1,
    },
    unlike: "ip also sends what is 0",
  },
  {
    command: "link add x type sit mode ip6ip local 10.9.0.1 remote 10.9.0.2 ttl 7 isatap",
    spec: { kind: "sit", name: "x", local: "10.9.0.1", remote: "10.9.0.2", ttl: 7, isatap: true },
    unlike: "ip also sends what is 0",
  },
  {
    command: "link add x type ip6tnl mode ip6ip6 local 2001:db8::1 remote 2001:db8::2 hoplimit 9 encaplimit 2 " +
      "tclass 0x20 flowlabel 0x12345 dev v0",
    spec: {
      kind: "ip6tnl",
      name: "x",
      proto: "ip6ip6",
      local: "2001:db8::1",
      remote: "2001:db8::2",
      ttl: 9,
      encapLimit: 2,
      tclass: 0x20,
      flowlabel: 0x12345,
      link: v0,
    },
    unlike: "ip also sends what is 0",
  },
  {
    command: "link add x type ip6tnl mode any remote 2001:db8::2 local 2001:db8::1 encaplimit none allow-localremote",
    spec: {
      kind: "ip6tnl",
      name: "x",
      proto: "any",
      remote: "2001:db8::2",
      local: "2001:db8::1",
      ip6TnlFIgnEncapLimit: true,
      ip6TnlFAllowLocalRemote: true,
    },
    unlike: "ip also sends what is 0",
  },
  {
    command: "link add x link v0 type macsec port 11 encrypt on protect on send_sci off end_station on " +
      "validate check encodingsa 3 replay on window 128 cipher gcm-aes-256",
    spec: {
      kind: "macsec",
      name: "x",
      link: v0,
      port: 11,
      encrypt: true,
      protect: true,
      incSci: false,
      es: true,
      validation: "check",
      encodingSa: 3,
      replayProtect: true,
      window: 128,
      cipherSuite: "GCM-AES-256",
    },
  },
  {
    command: "link add x link v0 type macsec sci 0x0200000000010002 validate strict",
    spec: { kind: "macsec", name: "x", link: v0, sci: "0200000000010002", validation: "strict" },
  },
  {
    command: "link add x type hsr slave1 d0 slave2 d1 supervision 45 version 1",
    spec: { kind: "hsr", name: "x", slave1: "d0", slave2: "d1", supervision: 45, version: 1 },
    unlisted: "version",
  },
  {
    command: "link add x type hsr slave1 d0 slave2 d1 proto 1",
    spec: { kind: "hsr", name: "x", slave1: "d0", slave2: "d1", proto: 1 },
  },
  {
    command: "link add x type bond mode active-backup miimon 100 updelay 200 downdelay 300 primary_reselect better " +
      "fail_over_mac active resend_igmp 3 num_grat_arp 4 all_slaves_active 1 min_links 0 lp_interval 2",
    spec: {
      kind: "bond",
      name: "x",
      mode: "active-backup",
      miimon: 100,
      updelay: 200,
      downdelay: 300,
      primaryReselect: "better",
      failOverMac: "active",
      resendIgmp: 3,
      numPeerNotif: 4,
      allSlavesActive: true,
      minLinks: 0,
      lpInterval: 2,
    },
  },
  {
    command: "link add x type bond mode active-backup arp_interval 100 arp_ip_target 10.9.0.1,10.9.0.2 " +
      "arp_validate filter_active arp_all_targets all ns_ip6_target 2001:db8::7 arp_missed_max 3",
    spec: {
      kind: "bond",
      name: "x",
      mode: "active-backup",
      arpInterval: 100,
      arpIpTarget: ["10.9.0.1", "10.9.0.2"],
      arpValidate: "filter_active",
      arpAllTargets: "all",
      nsIp6Target: ["2001:db8::7"],
      arpMissedMax: 3,
    },
  },
  {
    command: "link add x type bond mode 802.3ad miimon 100 xmit_hash_policy layer3+4 lacp_rate fast lacp_active off " +
      "ad_select bandwidth ad_actor_sys_prio 7 ad_user_port_key 9 ad_actor_system 02:00:00:00:00:09",
    spec: {
      kind: "bond",
      name: "x",
      mode: "802.3ad",
      miimon: 100,
      xmitHashPolicy: "layer3+4",
      adLacpRate: "fast",
      adLacpActive: false,
      adSelect: "bandwidth",
      adActorSysPrio: 7,
      adUserPortKey: 9,
      adActorSystem: "02:00:00:00:00:09",
    },
  },
  {
    command: "link add x type bond mode balance-tlb tlb_dynamic_lb 0",
    spec: { kind: "bond", name: "x", mode: "balance-tlb", tlbDynamicLb: false },
  },
  {
    command: "link add x type bond mode balance-rr packets_per_slave 5",
    spec: { kind: "bond", name: "x", mode: "balance-rr", packetsPerSlave: 5 },
  },
  {
    command: "link add x type bridge forward_delay 400 hello_time 300 max_age 700 ageing_time 6000 stp_state 1 " +
      "priority 4096 group_fwd_mask 0x4000 group_address 01:80:c2:00:00:04 no_linklocal_learn 1",
    spec: {
      kind: "bridge",
      name: "x",
      forwardDelay: 400,
      helloTime: 300,
      maxAge: 700,
      ageingTime: 6000,
      stpState: 1,
      priority: 4096,
      groupFwdMask: 0x4000,
      groupAddr: "01:80:c2:00:00:04",
      noLinklocalLearn: true,
    },
  },
  {
    command: "link add x type bridge mcast_snooping 1 mcast_router 2 mcast_query_use_ifaddr 1 mcast_querier 1 " +
      "mcast_hash_max 512 mcast_last_member_count 3 mcast_startup_query_count 4 mcast_last_member_interval 200 " +
      "mcast_membership_interval 20000 mcast_querier_interval 20001 mcast_query_interval 10000 " +
      "mcast_query_response_interval 900 mcast_startup_query_interval 3000 mcast_stats_enabled 1 " +
      "mcast_igmp_version 3 mcast_mld_version 2",
    spec: {
      kind: "bridge",
      name: "x",
      mcastSnooping: true,
      mcastRouter: 2,
      mcastQueryUseIfaddr: true,
      mcastQuerier: true,
      mcastHashMax: 512,
      mcastLastMemberCnt: 3,
      mcastStartupQueryCnt: 4,
      mcastLastMemberIntvl: 200,
      mcastMembershipIntvl: 20000,
      mcastQuerierIntvl: 20001,
      mcastQueryIntvl: 10000,
      mcastQueryResponseIntvl: 900,
      mcastStartupQueryIntvl: 3000,
      mcastStatsEnabled: true,
      mcastIgmpVersion: 3,
      mcastMldVersion: 2,
    },
  },
  {
    command: "link add x type bridge vlan_filtering 1 vlan_protocol 802.1ad vlan_default_pvid 5 vlan_stats_enabled 1 " +
      "vlan_stats_per_port 1",
    spec: {
      kind: "bridge",
      name: "x",
      vlanFiltering: true,
      vlanProtocol: 0x88a8,
      vlanDefaultPvid: 5,
      vlanStatsEnabled: true,
      vlanStatsPerPort: true,
    },
  },
  {
    command: "link add x type netkit mode l2 forward peer blackhole name y",
    spec: { kind: "netkit", name: "x", mode: "l2", policy: "forward", peerPolicy: "blackhole", peer: { name: "y" } },
    kernel: "none",
    unlike: "the other end has queues",
  },
  { command: "link add x type erspan external", spec: { kind: "erspan", name: "x", external: true } },
  {
    command: "link add x type erspan seq key 100 erspan 123 local 10.9.0.1 remote 10.9.0.2 erspan_ver 1",
    spec: {
      kind: "erspan",
      name: "x",
      local: "10.9.0.1",
      remote: "10.9.0.2",
      ikey: 100,
      okey: 100,
      iseq: true,
      oseq: true,
      erspanVer: 1,
      erspanIndex: 123,
    },
    unlike: "ip also sends what is 0",
  },
  {
    command:
      "link add x type erspan seq key 100 local 10.9.0.1 remote 10.9.0.2 erspan_ver 2 erspan_dir egress erspan_hwid 5",
    spec: {
      kind: "erspan",
      name: "x",
      local: "10.9.0.1",
      remote: "10.9.0.2",
      ikey: 100,
      okey: 100,
      iseq: true,
      oseq: true,
      erspanVer: 2,
      erspanDir: "egress",
      erspanHwid: 5,
    },
    unlike: "ip also sends what is 0",
  },
  { command: "link add x type ip6erspan external", spec: { kind: "ip6erspan", name: "x", external: true } },
  {
    command: "link add x type ip6erspan seq key 100 erspan 123 local 2001:db8::1 remote 2001:db8::2 erspan_ver 1",
    spec: {
      kind: "ip6erspan",
      name: "x",
      local: "2001:db8::1",
      remote: "2001:db8::2",
      ikey: 100,
      okey: 100,
      iseq: true,
      oseq: true,
      erspanVer: 1,
      erspanIndex: 123,
    },
    unlike: "ip also sends what is 0",
  },
];
