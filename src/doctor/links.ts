/** The kinds of links: one of each is made, in a namespace that is gone afterwards. */
import { match } from "npm:ts-pattern@5.9.2";
import { close, openTap, SyscallError } from "../../ffi/mod.ts";
import { NetlinkError } from "../errors.ts";
import type { LinkSpec } from "../netlink/link/kinds/kinds.ts";
import type { Netlink } from "../netlink/netlink.ts";
import { type Check, failed, ok, refused, type Section, section, type Verdict } from "./check.ts";
import { inScratch, notTried } from "./scratch.ts";

/** A kind that netlink makes. */
type Kind = LinkSpec["kind"];

/** The option of the kernel's configuration behind each kind, and the module that it may come in. */
const PARTS: Readonly<Record<Kind | "tun", { readonly option: string; readonly module: string }>> = {
  veth: { option: "CONFIG_VETH", module: "veth" },
  bridge: { option: "CONFIG_BRIDGE", module: "bridge" },
  dummy: { option: "CONFIG_DUMMY", module: "dummy" },
  vlan: { option: "CONFIG_VLAN_8021Q", module: "8021q" },
  macvlan: { option: "CONFIG_MACVLAN", module: "macvlan" },
  ipvlan: { option: "CONFIG_IPVLAN", module: "ipvlan" },
  vrf: { option: "CONFIG_NET_VRF", module: "vrf" },
  tun: { option: "CONFIG_TUN", module: "tun" },
};

const KINDS: readonly Kind[] = ["veth", "bridge", "dummy", "vlan", "macvlan", "ipvlan", "vrf"];

/** The kinds of links that this kernel, with the modules that it finds, can make. */
export function linksSection(): Section {
  return section("Links", [
    ...KINDS.map((kind): Check => ({ name: kind, look: () => tryLink(kind) })),
    { name: "tun", look: tryTap },
  ]);
}

function tryLink(kind: Kind): Verdict {
  try {
    return inScratch((netlink) => {
      netlink.addLink(specOf(kind, netlink));
      const made = netlink.getLink({ name: "made" });
      return made.kind === kind ? ok("made") : failed(`made, and is ${made.kind}`);
    });
  } catch (error) {
    return notTried(error) ?? refusal(error, kind);
  }
}

/** A link of the kind, with what it needs below it. */
function specOf(kind: Kind, netlink: Netlink): LinkSpec {
  const name = "made";
  return match(kind)
    .with("veth", (kind): LinkSpec => ({ kind, name, peer: { name: "peer" } }))
    .with("vlan", (kind): LinkSpec => ({ kind, name, id: 7, link: lower(netlink) }))
    .with("macvlan", "ipvlan", (kind): LinkSpec => ({ kind, name, link: lower(netlink) }))
    .with("vrf", (kind): LinkSpec => ({ kind, name, table: 7 }))
    .with("bridge", "dummy", (kind): LinkSpec => ({ kind, name }))
    .exhaustive();
}

/** The index of a link to stand on. */
function lower(netlink: Netlink): number {
  netlink.addLink({ kind: "veth", name: "lower", peer: { name: "other" } });
  return netlink.getLink({ name: "lower" }).index;
}

function tryTap(): Verdict {
  try {
    return inScratch((_netlink, namespace) => {
      close(namespace.run(() => openTap("made")));
      return ok("made, as a TAP");
    });
  } catch (error) {
    return notTried(error) ?? refusal(error, "tun");
  }
}

/** Errors that mean that the kernel has no such thing, rather than that this process may not have it. */
const ABSENT: ReadonlySet<string> = new Set(["EOPNOTSUPP", "ENOENT", "ENODEV", "ENXIO"]);

/** Without veth nothing can be wired; the other kinds are for whoever wants them. */
function refusal(error: unknown, kind: Kind | "tun"): Verdict {
  const status = kind === "veth" ? "failed" : "warning";
  const isAbsent = (error instanceof NetlinkError || error instanceof SyscallError) && ABSENT.has(error.code);
  if (!isAbsent) return refused(error, status);
  const { option, module } = PARTS[kind];
  const container = kind === "tun" ? ", and give a container --device /dev/net/tun" : "";
  return {
    status,
    detail: `not available: ${refused(error).detail}`,
    remedy: `modprobe ${module} on the host, with a kernel that has ${option}${container}`,
  };
}
