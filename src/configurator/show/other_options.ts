/** The options of links that no file can say, where they are not what the kernel gives every new link. */

/** What the kernel gives a new link or port: of each option the values that say nothing. What is not listed is 0 or off. */
const INITIAL: { readonly [kind: string]: { readonly [option: string]: readonly unknown[] } } = {
  bridge: {
    forwardDelay: [1500],
    helloTime: [200],
    maxAge: [2000],
    ageingTime: [30_000],
    priority: [32_768],
    stpMode: ["auto"],
    vlanProtocol: [0x8100],
    vlanDefaultPvid: [1],
    groupAddr: ["01:80:c2:00:00:00"],
    mcastRouter: [1],
    mcastSnooping: [true],
    mcastHashElasticity: [16],
    mcastHashMax: [4096],
    mcastLastMemberCnt: [2],
    mcastStartupQueryCnt: [2],
    mcastLastMemberIntvl: [100],
    mcastMembershipIntvl: [26_000],
    mcastQuerierIntvl: [25_500],
    mcastQueryIntvl: [12_500],
    mcastQueryResponseIntvl: [1000],
    mcastStartupQueryIntvl: [3124, 3125], // as the kernel's clock divides it
    mcastIgmpVersion: [2],
    mcastMldVersion: [1],
  },
  vlan: { reorderHdr: [true] },
  macvlan: { bcqueuelen: [1000], bclim: [1] },
  vxlan: {
    df: ["unset"],
    labelPolicy: ["fixed"],
    ageing: [300],
    udpCsum: [true],
    localbypass: [true],
    reservedBits: [0xf7ffffff000000ffn],
  },
  geneve: { df: ["unset"], udpZeroCsum6Rx: [true] },
  geneve6: { df: ["unset"] },
  bond: {
    useCarrier: [true],
    arpMissedMax: [2],
    arpValidate: ["none"],
    arpAllTargets: ["any"],
    primaryReselect: ["always"],
    failOverMac: ["none"],
    resendIgmp: [1],
    numPeerNotif: [1],
    lpInterval: [1],
    packetsPerSlave: [1],
    adSelect: ["stable"],
    adActorSysPrio: [65_535],
    adActorSystem: ["00:00:00:00:00:00"],
    adLacpActive: [true],
    coupledControl: [true],
    tlbDynamicLb: [true],
  },
  gre: { pmtudisc: [true] },
  gretap: { pmtudisc: [true] },
  ipip: { pmtudisc: [true], proto: ["ipip"] },
  sit: { pmtudisc: [true], proto: ["ip6ip"], prefix: ["2002::"], prefixlen: [16], relayPrefix: ["0.0.0.0"] },
  ip6tnl: { encapLimit: [4], proto: ["any"] },
  ip6gre: { encapLimit: [4] },
  ip6gretap: { encapLimit: [4] },
  bondPort: { actorPortPrio: [255] },
  port: { mcastFlood: [true], bcastFlood: [true], multicastRouter: [1], mcastEhtHostsLimit: [512] },
};

/** What is state of a link or port, and nobody's setting. */
const STATE: ReadonlySet<string> = new Set([
  ...["kind", "link", "unknown", "state", "id", "no", "designatedPort", "designatedCost", "configPending"],
  ...[
    "topologyChangeAck",
    "bridgeId",
    "rootId",
    "rootPort",
    "rootPathCost",
    "topologyChange",
    "topologyChangeDetected",
  ],
  ...["fdbNLearned", "mcastNGroups", "mcastEhtHostsCnt", "usedbcqueuelen", "macaddrCount", "activeSlave", "adInfo"],
  ...[
    "miiStatus",
    "permHwaddr",
    "linkFailureCount",
    "adAggregatorId",
    "adActorOperPortState",
    "adPartnerOperPortState",
  ],
]);

/**
 * The options of a link or port that are not as of a new one, in words.
 *
 * @param kind The kind of the link; `"port"` for a port of a bridge.
 * @param said The options that the file says.
 */
export function otherOptions(kind: string, options: object, said: readonly string[]): string[] {
  const isOverIpv6 = "remote6" in options && options.remote6 !== undefined;
  const initial = INITIAL[kind === "geneve" && isOverIpv6 ? "geneve6" : kind];
  return Object.entries<unknown>({ ...options }).flatMap(([option, value]) => {
    if (STATE.has(option) || said.includes(option) || isInitial(initial?.[option], value)) return [];
    return `${option} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`;
  });
}

function isInitial(initial: readonly unknown[] | undefined, value: unknown): boolean {
  if (initial !== undefined) return initial.includes(value);
  if (value === undefined || value === 0 || value === 0n || value === false || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && value !== null && Object.values(value).every((one) => isInitial(undefined, one));
}
