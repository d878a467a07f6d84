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
  message,
  optional,
  type OptionalFields,
  wrapped,
} from "./fields.ts";
import { type NamespaceInput, type RouteNamespace, routeNamespaceSchema } from "./namespace.ts";
import { destination, hostIp, meantNetwork } from "./values.ts";

/** A route, as the file describes it. */
export interface LinuxRoute {
  /** Its name in the file. */
  readonly name: string;
  /** True for the route to everywhere; `dstIpAddr` is then `0.0.0.0/0` or `::/0`. */
  readonly default: boolean;
  /** Where it lives. Absent: the namespace of `interface` if the file describes it, else the default one. */
  readonly namespace?: RouteNamespace;
  /** The name of an interface of the file, or the host name of one that exists there. */
  readonly interface: string;
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
  /** The next router. */
  readonly gwAddr?: string;
  /** The lesser is preferred. Absent or 0: the kernel's own, which is 0 for IPv4 and 1024 for IPv6. */
  readonly metric?: number;
  /** The number of the routing table. Absent or 0: the main one, 254. */
  readonly table?: number;
}

/** A route as it may be written: what is absent has its default, the scope is a name or a number. */
export interface RouteInput extends OptionalFields<Omit<LinuxRoute, "name" | "interface" | "namespace" | "scope">> {
  /** Its name in the file. */
  readonly name: string;
  /** The name of an interface of the file, or the host name of one that exists there. */
  readonly interface: string;
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

const UINT32_MAX = 4_294_967_295;

const FIELDS = {
  name: label("the name of the route"),
  default: optional(flag),
  namespace: optional(routeNamespaceSchema),
  interface: label("the name of an interface"),
  description: optional(anyText),
  scope: wrapped("type", enumeration(["GLOBAL", "SITE", "LINK", "HOST"])),
  dstIpAddr: optional(destination),
  srcIpAddr: optional(hostIp),
  gwAddr: optional(hostIp),
  metric: optional(integer(0, UINT32_MAX)),
  table: optional(integer(0, UINT32_MAX)),
} as const satisfies FieldsOf<RouteInput>;

const familyName = (text: string): string => `IPv${familyOf(text)}`;

/** The destination: what is written, or everywhere in the family of the other addresses. */
function destinationOf(
  { dstIpAddr, gwAddr, srcIpAddr }: {
    readonly dstIpAddr?: string | undefined;
    readonly gwAddr?: string | undefined;
    readonly srcIpAddr?: string | undefined;
  },
): string {
  return dstIpAddr ?? (familyOf(gwAddr ?? srcIpAddr ?? "") === 6 ? "::/0" : "0.0.0.0/0");
}

/** Reads a route: the model in protobuf JSON. */
export const routeSchema: Field<LinuxRoute> = v.pipe(
  message("a mapping that describes a route", FIELDS, (values, given, report): void => {
    const { dstIpAddr, gwAddr, srcIpAddr, scope } = values;
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
    for (const [name, address] of [["gwAddr", gwAddr], ["srcIpAddr", srcIpAddr]] as const) {
      if (address !== undefined && familyName(address) !== family) {
        report(name, `an ${family} address, as the destination`);
      }
    }
    if (scope === undefined) return;
    if (family === "IPv6" && scope !== "GLOBAL") report("scope", "no scope, or GLOBAL: IPv6 routes have no other");
    else if (given("gwAddr") && (scope === "LINK" || scope === "HOST")) {
      report("scope", "no scope, GLOBAL or SITE for a route through a gateway");
    }
  }),
  v.transform((route): LinuxRoute => {
    const dstIpAddr = destinationOf(route);
    return defined({
      ...route,
      default: dstIpAddr.endsWith("/0"),
      scope: route.scope === undefined ? undefined : { type: route.scope },
      dstIpAddr,
    });
  }),
);
