/** VXLAN: a virtual network over UDP. */
import { defined } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
import type { VxlanEntry, VxlanFields } from "../../models/interface/vxlan.ts";
import type { VxlanOptions } from "../../netlink/link/kinds/vxlan.ts";
import { linkAt } from "../observed/lookup.ts";
import type { ObservedLink } from "../observed/observed_namespace.ts";
import type { VxlanEntryBefore } from "../ownership/prior_state.ts";
import { entryKey, vxlanEntries } from "../ownership/snapshot.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import type { LinkType, Member } from "./link_type.ts";
import { singleLink } from "./single_link.ts";
import { listed, type ListedEntry, OTHERS, planEntriesBack } from "./vxlan_entries.ts";

type Fields = Partial<Omit<VxlanFields, "entries">>;

/** The type VXLAN. */
export const vxlan: LinkType = singleLink<Fields, VxlanOptions>({
  kind: "vxlan",
  fields: ({ vxlan: { entries: _, ...fields } = { id: 0 } }) => fields,
  parentIsOption: true,
  mtuBelow: ({ vxlan }) => isOfIpv6(vxlan) ? OVERHEAD.ipv6 : OVERHEAD.ipv4,
  changeable: ["local", "remote", "group", "ttl", "learning"],
  isMadeAnew: ({ local, remote, group }, { data = {} }) => (
    [local, remote, group].some((one) => one !== undefined) &&
    isOfIpv6({ local, remote, group }) !== ["local6", "remote6", "group6"].some((one) => one in data)
  ),
  options: optionsOf,
  changes: (options) => ({ vxlan: defined(options) }),
  spec: (base, fields, link) => ({
    kind: "vxlan",
    ...base,
    ...optionsOf(fields),
    ...link === 0 ? {} : { link },
  }),
  isConfigured: (_builder, { model: { vxlan }, namespace, link }) => {
    if (vxlan?.entries === undefined) return true;
    const { remove, add } = changeOfEntries(vxlan, link, vxlanEntries(namespace, link));
    return remove.length + add.length === 0;
  },
  configure: planEntries,
});

/** The headers that it puts before each packet: of IP, UDP and VXLAN, and the inner one of Ethernet. */
const OVERHEAD = { ipv4: 50, ipv6: 70 } as const;

const isOfIpv6 = ({ local, remote, group }: Partial<VxlanFields> = {}): boolean =>
  [local, remote, group].some((address) => address !== undefined && familyOf(address) === 6);

function optionsOf({ id, local, remote, group, port, ttl, learning }: Fields): VxlanOptions {
  return defined({ id, port, ttl, learning, ...end("local", local), ...end("remote", remote), ...end("group", group) });
}

/** An address under the name that netlink lists it by. */
const end = (name: "local" | "remote" | "group", address: string | undefined): VxlanOptions =>
  address === undefined ? {} : { [familyOf(address) === 6 ? `${name}6` : name]: address };

/** The entries that the table has beside those of the file, and those that it lacks. */
function changeOfEntries(
  { entries, remote, group }: Partial<VxlanFields> = {},
  link: ObservedLink | undefined,
  observed: readonly VxlanEntryBefore[],
): { readonly remove: readonly ListedEntry[]; readonly add: readonly VxlanEntry[] } {
  if (entries === undefined) return { remove: [], add: [] };
  const wanted = new Set(entries.map(entryKey));
  const given = remote ?? group ?? remoteOf(link); // the kernel makes an entry of it
  const has = observed.map(listed);
  const keys = new Set(has.map(entryKey));
  return {
    remove: has.filter((one) => !wanted.has(entryKey(one)) && !(one.mac === OTHERS && one.remote === given)),
    add: entries.filter((one) => !keys.has(entryKey(one))),
  };
}

/** Where packets go without an entry; a file that says nothing of it leaves that. */
function remoteOf(link: ObservedLink | undefined): string | undefined {
  const { remote, remote6, group, group6 } = link?.data?.kind === "vxlan" ? link.data : {};
  return remote ?? remote6 ?? group ?? group6;
}

/** Plans that the table has the entries of the file, and no other permanent ones; or, if it names none, none of its own. */
function planEntries(builder: PlanBuilder, { model: { name, vxlan } }: Member, link: PlannedLink): void {
  const item = interfaceItem(name);
  if (vxlan?.entries === undefined) return planFormerEntries(builder, item, link);
  const { namespace, index } = link;
  const observed = index === undefined || link.isNew ? undefined : linkAt(namespace, index);
  const { remove, add } = changeOfEntries(
    vxlan,
    observed,
    index === undefined ? [] : vxlanEntries(namespace, { index }),
  );
  for (const one of remove) builder.add("configure", item, { kind: "delete-entry", link, ...one });
  for (const one of add) builder.add("configure", item, { kind: "add-entry", link, ...one });
}

/** Plans that the entries go which an earlier apply gave the link, and that those of an adopted one come back. */
function planFormerEntries(builder: PlanBuilder, item: string, link: PlannedLink): void {
  const { namespace, index } = link;
  const observed = index === undefined || link.isNew ? undefined : linkAt(namespace, index);
  const record = observed && builder.input.claims.linkAt(namespace, observed)?.record;
  const position = record?.ends.findIndex((end) => end.namespace === namespace.cookie && end.index === index) ?? -1;
  const end = record?.ends[position];
  if (end?.entries === undefined) return; // most have none, and the table need not be read
  const before = record?.kind === "borrowed" ? record.before[position] : undefined;
  planEntriesBack(builder, item, link, before, end);
}
