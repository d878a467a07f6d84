/** TUNNEL: IP packets or Ethernet frames over IP, in one of the modes of the kernel. */
import { defined } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import type { TunnelFields } from "../../models/interface/tunnel.ts";
import type { LinkBase } from "../../netlink/link/base.ts";
import type { KindChanges, LinkSpec } from "../../netlink/link/kinds/link_spec.ts";
import type { ObservedLink } from "../observed/observed_namespace.ts";
import type { LinkType } from "./link_type.ts";
import { singleLink } from "./single_link.ts";
import { wholeOptions } from "./tunnel_options.ts";

type Fields = Partial<TunnelFields>;

/** What the modes have in common. */
interface Options {
  readonly local?: string | undefined;
  readonly remote?: string | undefined;
  readonly ikey?: number | undefined;
  readonly okey?: number | undefined;
  readonly ttl?: number | undefined;
}

const modeOf = ({ tunnel }: LinuxInterface): string => tunnel?.mode ?? "gre";

/** The type TUNNEL. */
export const tunnel: LinkType = singleLink<Fields, Options>({
  kind: "tunnel",
  kindOf: modeOf,
  fields: ({ tunnel = {} }) => tunnel,
  withoutAddress: (model) => !modeOf(model).endsWith("tap"),
  parentIsOption: true,
  changeable: ["local", "remote", "key", "ttl"],
  isMadeAnew: ({ remote }, { kind = "", data }) => (
    remote !== undefined && SORTED_BY_REMOTE.has(kind) &&
    sortOf(remote) !== sortOf(data !== undefined && "remote" in data ? data.remote : undefined)
  ),
  options: optionsOf,
  changes: changesOf,
  spec: specOf,
});

/** The modes in which the kernel makes a tunnel of one end, of a group or of any end, and does not change the sort. */
const SORTED_BY_REMOTE: ReadonlySet<string> = new Set(["gre", "ipip", "sit"]);

/** What a tunnel with this other end is. */
function sortOf(remote: unknown): "any" | "group" | "one" {
  if (typeof remote !== "string" || remote === "0.0.0.0") return "any";
  return /^2(?:2[4-9]|3\d)\./.test(remote) ? "group" : "one";
}

function optionsOf({ local, remote, key, ttl }: Fields): Options {
  return defined({ local, remote, ikey: key, okey: key, ttl });
}

/** The other options are sent as they are. */
function changesOf(changed: Partial<Options>, link: ObservedLink): KindChanges {
  return { [link.kind ?? ""]: { ...wholeOptions(link), ...changed } };
}

function specOf(base: LinkBase, fields: Fields, parent: number): LinkSpec {
  const options = { ...optionsOf(fields), ...parent === 0 ? {} : { link: parent } };
  switch (fields.mode) {
    case "ipip":
    case "sit":
    case "ip6tnl": {
      const { ikey: _, okey: __, ...others } = options;
      return { kind: fields.mode, ...base, ...others };
    }
    default:
      return { kind: fields.mode ?? "gre", ...base, ...options };
  }
}
