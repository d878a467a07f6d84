/** The model of a static route, of IPv4 or IPv6. */
import * as v from "npm:valibot@1.5.0";
import { defined } from "../collections.ts";
import { familyOf } from "../ip/address.ts";
import {
  anyText,
  enumeration,
  type Field,
  type FieldsOf,
  flag,
  integer,
  label,
  list,
  message,
  optional,
  type OptionalFields,
  wrapped,
} from "./fields.ts";
import {
  ANY_IPV6,
  described,
  fieldFits,
  ifThen,
  isGiven,
  type JsonSchema,
  noneGiven,
  sameFamily,
} from "./json_schema.ts";
import { type NamespaceInput, type RouteNamespace, routeNamespaceSchema } from "./namespace.ts";
import { destination, hostIp, meantNetwork, UINT32_MAX } from "./values.ts";

/** A route, as the file describes it. */
export interface LinuxRoute {
  /** Its name in the file. */
  readonly name: string;
  /** True for the route to everywhere; `dstIpAddr` is then `0.0.0.0/0` or `::/0`. */
  readonly default: boolean;
  /** Where it lives. Absent: the namespace of `interface` if the file describes it, else the default one. */
  readonly namespace?: RouteNamespace;
  /**
   * The name of an interface of the file, or the host name of one that exists there. Absent: the link by which its
   * gateway is reached, those of its next hops, or none where its type has none.
   */
  readonly interface?: string;
  /** What it does with a packet. Absent: `UNICAST`, it sends it on. */
  readonly type?: "BLACKHOLE" | "UNREACHABLE" | "PROHIBIT" | "THROW" | "LOCAL";
  /** What it is for, for people. */
  readonly description?: string;
  /** How far away the destination is; see ip-route(8). */
  readonly scope?: {
    /** Absent: `GLOBAL` through a gateway and for IPv6, otherwise `LINK`. */
    readonly type: "GLOBAL" | "SITE" | "LINK" | "HOST";
  };
  /** The network it leads to, in canonical text. */
  readonly dstIpAddr: string;
  /** The source address for what is sent on it, unless the sender chose one. */
  readonly srcIpAddr?: string;
  /** The next router; that of an IPv4 route may have an IPv6 address. */
  readonly gwAddr?: string;
  /** The lesser is preferred. Absent or 0: the kernel's own, which is 0 for IPv4 and 1024 for IPv6. */
  readonly metric?: number;
  /** The number of the routing table. Absent or 0: the main one, 254; of type `LOCAL`, the local one, 255. */
  readonly table?: number;
  /** True if the gateway is taken to be on the link, whatever addresses that has. */
  readonly onLink?: true;
  /** The routers among which its packets are divided, in place of `gwAddr` and `interface`. */
  readonly nextHops?: readonly RouteNextHop[];
  /** The largest packet on the way, in bytes. */
  readonly mtu?: number;
}

/** One of several next hops of a route. */
export interface RouteNextHop {
  /** The router. Absent: the destination is on the link. */
  readonly gwAddr?: string;
  /** The name of an interface of the file, or the host name of one. Absent: the link by which the router is reached. */
  readonly interface?: string;
  /** Its share of the packets, from 1 to 256. Absent: 1. */
  readonly weight?: number;
}

/** A route as it may be written: what is absent has its default, the scope is a name or a number. */
export interface RouteInput
  extends OptionalFields<Omit<LinuxRoute, "name" | "type" | "namespace" | "scope" | "onLink" | "nextHops">> {
  /** Its name in the file. */
  readonly name: string;
  /** What it does with a packet. @default {"UNICAST"} */
  readonly type?: "UNICAST" | NonNullable<LinuxRoute["type"]> | 0 | 1 | 2 | 3 | 4 | 5 | undefined;
  /** True if the gateway is taken to be on the link. @default {false} */
  readonly onLink?: boolean | undefined;
  /** The routers among which its packets are divided. */
  readonly nextHops?: readonly OptionalFields<RouteNextHop>[] | undefined;
  /** Where it lives, as text or as the fields of the model. */
  readonly namespace?: NamespaceInput | undefined;
  /** How far away the destination is. */
  readonly scope?:
    | NonNullable<LinuxRoute["scope"]>
    | NonNullable<LinuxRoute["scope"]>["type"]
    | 0
    | 1
    | 2
    | 3
    | undefined;
}

/** The most next hops of a route: more do not fit a message of rtnetlink. */
const NEXT_HOPS_MAX = 256;

const nextHopSchema: Field<RouteNextHop> = v.pipe(
  message("a mapping with gwAddr or interface", {
    gwAddr: optional(hostIp),
    interface: optional(label("the name of an interface")),
    weight: optional(integer(1, 256)),
  }, (_values, given, report): void => {
    if (!given("gwAddr") && !given("interface")) report("gwAddr", "a gateway, an interface, or both");
  }, () => [{ anyOf: [isGiven("gwAddr"), isGiven("interface")] }]),
  v.transform((hop): RouteNextHop => defined(hop)),
);

const FIELDS = {
  name: label("the name of the route"),
  default: optional(flag),
  namespace: optional(routeNamespaceSchema),
  interface: optional(label("the name of an interface")),
  type: optional(enumeration(["UNICAST", "BLACKHOLE", "UNREACHABLE", "PROHIBIT", "THROW", "LOCAL"])),
  description: optional(anyText),
  scope: wrapped("type", enumeration(["GLOBAL", "SITE", "LINK", "HOST"])),
  dstIpAddr: optional(destination),
  srcIpAddr: optional(hostIp),
  gwAddr: optional(hostIp),
  metric: optional(integer(0, UINT32_MAX)),
  table: optional(integer(0, UINT32_MAX)),
  onLink: optional(flag),
  nextHops: optional(
    described(
      v.pipe(
        list("a list of next hops", nextHopSchema),
        v.check(({ length }) => length >= 1 && length <= NEXT_HOPS_MAX, `1 to ${NEXT_HOPS_MAX} next hops`),
      ),
      (of) => ({ type: "array", minItems: 1, maxItems: NEXT_HOPS_MAX, items: of(nextHopSchema) }),
    ),
  ),
  mtu: optional(integer(68, 65_535, "a number of bytes")),
} as const satisfies FieldsOf<RouteInput>;

/** What a route of each type cannot have: those that send no packet on have no way. */
const WITHOUT_WAY = ["interface", "gwAddr", "nextHops", "onLink", "mtu"] as const;
const EXCLUDED = {
  BLACKHOLE: WITHOUT_WAY,
  UNREACHABLE: WITHOUT_WAY,
  PROHIBIT: WITHOUT_WAY,
  THROW: WITHOUT_WAY,
  LOCAL: ["gwAddr", "nextHops", "onLink"],
} as const;

const familyName = (text: string): string => `IPv${familyOf(text)}`;

/** True of a router for packets of IPv6 that has an IPv4 address; those of IPv4 may have routers of both. (RFC 5549) */
const isUnusable = (gateway: string | undefined, family: string): boolean =>
  gateway !== undefined && family === "IPv6" && familyOf(gateway) === 4;

/** The destination: what is written, or everywhere in the family of the other addresses. */
function destinationOf(
  { dstIpAddr, gwAddr, srcIpAddr, nextHops }: {
    readonly dstIpAddr?: string | undefined;
    readonly gwAddr?: string | undefined;
    readonly srcIpAddr?: string | undefined;
    readonly nextHops?: readonly RouteNextHop[] | undefined;
  },
): string {
  const router = gwAddr ?? nextHops?.find((hop) => hop.gwAddr !== undefined)?.gwAddr;
  return dstIpAddr ?? (familyOf(router ?? srcIpAddr ?? "") === 6 ? "::/0" : "0.0.0.0/0");
}

/** A route has one way, as its type can have it. */
function checkWay(
  { type, onLink }: {
    readonly type?: LinuxRoute["type"] | "UNICAST" | undefined;
    readonly onLink?: boolean | undefined;
  },
  given: (name: keyof typeof FIELDS) => boolean,
  report: (name: keyof typeof FIELDS, expected: string) => void,
): void {
  if (given("type") && type === undefined) return; // a fault already
  if (type !== undefined && type !== "UNICAST") {
    for (const name of EXCLUDED[type]) if (given(name)) report(name, `no ${name} in a route of type ${type}`);
    return;
  }
  for (const name of ["gwAddr", "interface"] as const) {
    if (given("nextHops") && given(name)) report(name, `no ${name} beside nextHops, each of which has its own`);
  }
  if (!given("nextHops") && !given("gwAddr") && !given("interface")) {
    report("interface", "an interface, a gwAddr, nextHops, or another type");
  }
  if (!onLink) return;
  if (!given("nextHops") && !given("gwAddr")) report("onLink", "a gwAddr beside it, which is on the link");
  else if (!given("nextHops") && !given("interface")) {
    report("onLink", "the interface beside it, on which the gateway is");
  }
}

const EVERYWHERE = { description: "no destination, 0.0.0.0/0 or ::/0 in a default route", pattern: "/0$" };

/** What JSON Schema can say of a route: that it has a destination, and one way as its type can have it. */
function schemaRules(): JsonSchema[] {
  const isDefault = { properties: { default: { const: true } }, required: ["default"] };
  const isIpv6 = (name: string): JsonSchema => (
    { properties: { [name]: { type: "string", pattern: ANY_IPV6["pattern"] } }, required: [name] }
  );
  const isOnLink = (name: string): JsonSchema => ({ properties: { [name]: { const: true } }, required: [name] });
  const sendsOn = { properties: { type: { enum: ["UNICAST", 0, null] } } };
  return [
    { anyOf: [isGiven("dstIpAddr"), isDefault] },
    sameFamily("dstIpAddr", "srcIpAddr"),
    ...["dstIpAddr", "dst_ip_addr"].map((name) => ifThen(isIpv6(name), fieldFits("gwAddr", ANY_IPV6))),
    ifThen(isDefault, fieldFits("dstIpAddr", EVERYWHERE)),
    ...Object.entries(EXCLUDED).map(([type, names], number) =>
      ifThen({ properties: { type: { enum: [type, number + 1] } }, required: ["type"] }, noneGiven(...names))
    ),
    ifThen(sendsOn, { anyOf: ["nextHops", "gwAddr", "interface"].map(isGiven) }),
    ifThen({ allOf: [sendsOn, isGiven("nextHops")] }, noneGiven("gwAddr", "interface")),
    ifThen({ allOf: [sendsOn, { anyOf: ["onLink", "on_link"].map(isOnLink) }] }, {
      anyOf: [isGiven("nextHops"), { allOf: ["gwAddr", "interface"].map(isGiven) }],
    }),
  ];
}

/** Reads a route: the model in protobuf JSON. */
export const routeSchema: Field<LinuxRoute> = v.pipe(
  message("a mapping that describes a route", FIELDS, (values, given, report): void => {
    const { dstIpAddr, gwAddr, srcIpAddr, nextHops, scope } = values;
    if (!given("dstIpAddr") && values.default !== true) {
      if (values.default !== undefined || !given("default")) report("dstIpAddr", "a network, or default: true");
    }
    if (dstIpAddr !== undefined) {
      const network = meantNetwork(dstIpAddr);
      if (network !== undefined) report("dstIpAddr", `a network without bits beyond its prefix, here ${network}`);
      else if (values.default === true && !dstIpAddr.endsWith("/0")) {
        report("dstIpAddr", "no destination, 0.0.0.0/0 or ::/0 in a default route");
      }
    }
    if (given("dstIpAddr") && dstIpAddr === undefined) return; // its family is not known
    const family = familyName(destinationOf(values));
    if (srcIpAddr !== undefined && familyName(srcIpAddr) !== family) {
      report("srcIpAddr", `an ${family} address, as the destination`);
    }
    if (isUnusable(gwAddr, family)) report("gwAddr", "an IPv6 address, as the destination");
    if (nextHops?.some((hop) => isUnusable(hop.gwAddr, family))) {
      report("nextHops", "IPv6 addresses as the routers, as the destination");
    }
    checkWay(values, given, report);
    if (scope === undefined) return;
    if (family === "IPv6" && scope !== "GLOBAL") report("scope", "no scope, or GLOBAL: IPv6 routes have no other");
    else if ((given("gwAddr") || given("nextHops")) && (scope === "LINK" || scope === "HOST")) {
      report("scope", "no scope, GLOBAL or SITE for a route through a gateway");
    }
  }, schemaRules),
  v.transform(({ type, onLink, ...route }): LinuxRoute => {
    const dstIpAddr = destinationOf(route);
    return defined({
      ...route,
      type: type === "UNICAST" ? undefined : type,
      onLink: onLink || undefined,
      default: dstIpAddr.endsWith("/0"),
      scope: route.scope === undefined ? undefined : { type: route.scope },
      dstIpAddr,
    });
  }),
);
