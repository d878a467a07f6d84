/** GENEVE: Ethernet over UDP, with options in its header. */
import { defined } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
import type { GeneveFields } from "../../models/interface/vxlan.ts";
import type { GeneveOptions } from "../../netlink/link/kinds/geneve.ts";
import type { LinkType } from "./link_type.ts";
import { singleLink } from "./single_link.ts";

/** The type GENEVE. */
export const geneve: LinkType = singleLink<Partial<GeneveFields>, GeneveOptions>({
  kind: "geneve",
  fields: ({ geneve = {} }) => geneve,
  changeable: ["remote", "ttl"],
  isMadeAnew: ({ remote }, { data }) => (
    remote !== undefined && (familyOf(remote) === 6) !== (data !== undefined && "remote6" in data)
  ),
  options: optionsOf,
  changes: (geneve) => ({ geneve }),
  spec: (base, fields) => ({ kind: "geneve", ...base, ...optionsOf(fields) }),
});

function optionsOf({ id, remote, port, ttl }: Partial<GeneveFields>): GeneveOptions {
  const end = remote !== undefined && familyOf(remote) === 6 ? { remote6: remote } : { remote };
  return defined({ id, port, ttl, ...end });
}
