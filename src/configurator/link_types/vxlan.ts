/** VXLAN: a virtual network over UDP. */
import { defined } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
import type { VxlanFields } from "../../models/interface/vxlan.ts";
import type { VxlanOptions } from "../../netlink/link/kinds/vxlan.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import type { LinkType, Member } from "./link_type.ts";
import { oneLink } from "./one_link.ts";

type Fields = Partial<Omit<VxlanFields, "entries">>;

/** The type VXLAN. */
export const vxlan: LinkType = oneLink<Fields, VxlanOptions>({
  kind: "vxlan",
  fields: ({ vxlan: { entries: _, ...fields } = { id: 0 } }) => fields,
  parentIsOption: true,
  changeable: ["local", "remote", "group", "ttl", "learning"],
  options: optionsOf,
  changes: (options) => ({ vxlan: defined(options) }),
  spec: (base, fields, link) => ({
    kind: "vxlan",
    ...base,
    ...optionsOf(fields),
    ...link === 0 ? {} : { link },
  }),
  configure: planEntries,
});

function optionsOf({ id, local, remote, group, port, ttl, learning }: Fields): VxlanOptions {
  return defined({ id, port, ttl, learning, ...end("local", local), ...end("remote", remote), ...end("group", group) });
}

/** An address under the name that netlink lists it by. */
const end = (name: "local" | "remote" | "group", address: string | undefined): VxlanOptions =>
  address === undefined ? {} : { [familyOf(address) === 6 ? `${name}6` : name]: address };

/** The address of all hardware addresses that have no entry. */
const OTHERS = "00:00:00:00:00:00";

/** Plans that the table has the entries of the file, and no other permanent ones. */
function planEntries(builder: PlanBuilder, { model: { name, vxlan } }: Member, link: PlannedLink): void {
  if (vxlan?.entries === undefined) return;
  const item = interfaceItem(name);
  const keyOf = ({ mac, remote }: { readonly mac: string; readonly remote: string }): string => `${mac} ${remote}`;
  const wanted = new Map(vxlan.entries.map((entry) => [keyOf(entry), entry]));
  const given = vxlan.remote ?? vxlan.group; // the kernel makes an entry of it
  const observed = link.index === undefined ? [] : link.namespace.forwarding(link.index);
  const has = new Set<string>();
  for (const { address: mac, ip: remote, state } of observed) {
    if (remote === undefined || state !== "permanent") continue;
    has.add(keyOf({ mac, remote }));
    if (wanted.has(keyOf({ mac, remote })) || mac === OTHERS && remote === given) continue;
    builder.add("configure", item, { kind: "delete-entry", link, mac, remote });
  }
  for (const [key, { mac, remote }] of wanted) {
    if (!has.has(key)) builder.add("configure", item, { kind: "add-entry", link, mac, remote });
  }
}
