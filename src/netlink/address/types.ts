/** Addresses of links. See ip-address(8). */
import type { RouteScope } from "../constants/route.ts";
import type { LinkRef } from "../link/ref.ts";
import type { Unknown } from "../wire/attributes.ts";

/** An address of a link, as the kernel has it. */
export interface Address {
  /** The index of the link. */
  readonly linkIndex: number;
  /** AF_INET (2) or AF_INET6 (10). */
  readonly family: number;
  /** The link's own address. */
  readonly address: string;
  /** The length of its prefix, in bits. */
  readonly prefixLength: number;
  /** Both in one: `"10.0.0.1/24"`. */
  readonly cidr: string;
  /** The other end of a point-to-point link. */
  readonly peer?: string;
  /** The broadcast address. */
  readonly broadcast?: string;
  /** How far it is valid, RT_SCOPE_…: 0 everywhere, 253 on the link, 254 in this host. */
  readonly scope: number;
  /** The kernel's flags, IFA_F_…. */
  readonly flags: number;
  /** True until duplicate address detection ends: it cannot be used before. */
  readonly tentative: boolean;
  /** True if another host has it. */
  readonly duplicate: boolean;
  /** True if it stays until it is deleted; otherwise it has a lifetime. */
  readonly permanent: boolean;
  /** The name that old tools show, of IPv4 addresses. */
  readonly label?: string;
  /** How long it is preferred, in seconds; absent: for ever. */
  readonly preferredLifetime?: number;
  /** How long it is valid, in seconds; absent: for ever. */
  readonly validLifetime?: number;
  /** True if the kernel makes no route to its network, otherwise absent. */
  readonly noPrefixRoute?: boolean;
  /** IPv6: true if it was added without duplicate address detection, otherwise absent. */
  readonly noDad?: boolean;
  /** IPv6: true of the home address of a mobile host, otherwise absent. */
  readonly home?: boolean;
  /** IPv6: true if the kernel makes temporary addresses of its network, otherwise absent. */
  readonly managedTemporaries?: boolean;
  /** The metric of the route to its network, where it was given one. */
  readonly metric?: number;
  /** Who made it, IFAPROT_…, where that is known: 1 loopback, 2 a router advertisement, 3 link-local. */
  readonly protocol?: number;
  /** Attributes that this library does not know, which are sent back as they are. */
  readonly unknown?: Unknown;
}

/** How an address is added. */
export interface AddressOptions {
  /** IPv6: usable at once, without duplicate address detection. */
  readonly noDad?: boolean | undefined;
  /**
   * The broadcast address, as `ip` takes it: `"+"` is the last address of an IPv4 network that is larger than /31, and
   * none of any other. @default {none}
   */
  readonly broadcast?: string | undefined;
  /** The name that old tools show: the link's own, or that with ":" and more. */
  readonly label?: string | undefined;
  /** The other end of a point-to-point link. */
  readonly peer?: string | undefined;
  /** How far it is valid, by name or RT_SCOPE_…. @default {"universe"; "host" for 127.0.0.0/8} */
  readonly scope?: RouteScope | number | undefined;
  /** How long it is preferred, in seconds. */
  readonly preferredLifetime?: number | undefined;
  /** How long it is valid, in seconds. */
  readonly validLifetime?: number | undefined;
  /** The kernel makes no route to its network. */
  readonly noPrefixRoute?: boolean | undefined;
  /** The metric of the route to its network. */
  readonly metric?: number | undefined;
  /** Who makes it, IFAPROT_…; from 4 on the kernel has no use for the number. */
  readonly protocol?: number | undefined;
  /** IPv6: the home address of a mobile host. */
  readonly home?: boolean | undefined;
  /** IPv6: the kernel makes temporary addresses of its network. */
  readonly managedTemporaries?: boolean | undefined;
  /** Replaces what the link has under this address instead of failing with EEXIST. */
  readonly replace?: boolean | undefined;
}

/** Which addresses are listed. */
export interface AddressFilter {
  /** Only those of this link. */
  readonly link?: LinkRef | undefined;
  /** Only those of the link with this index. */
  readonly linkIndex?: number | undefined;
  /** Only those of this family: AF_INET (2) or AF_INET6 (10); 4 and 6, the versions of IP, are taken too. */
  readonly family?: number | undefined;
}
