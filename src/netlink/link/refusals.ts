/** Why the kernel refuses to make or change a link, where its answer is an error number alone. */
import { type NetlinkError, shown } from "../../errors.ts";
import type { LinkExists } from "../wire/framing.ts";
import type { LinkEnd } from "./base.ts";
import type { ChangedKind } from "./kinds/changes.ts";
import { howToHave } from "./kinds/link_kind.ts";
import { hasLinkBelow, KINDS, type LinkSpec, type OtherLinkSpec } from "./kinds/link_spec.ts";
import { indexOfRef, labelOf, type LinkRef } from "./ref.ts";
import type { LinkChange } from "./types.ts";

/** What to do about a refused request for a new link. */
export function explainNewLink(
  spec: LinkSpec | OtherLinkSpec,
  error: NetlinkError,
  exists: LinkExists,
): string | undefined {
  if (error.code === "EEXIST" || error.code === "EBUSY") return takenOf(spec, exists); // EBUSY: an index of a peer
  if (error.code === "EOPNOTSUPP" && /unknown device type/i.test(error.detail ?? "")) return missingKind(spec.kind);
  if (error.detail !== undefined) return undefined; // the kernel says it
  const missing = missingLink(spec, exists) ?? linkLeftOut(spec, error);
  return missing ?? neededOption(spec.kind, spec, error) ??
    (spec.netns === undefined ? masterOf(spec.master, error, exists) : undefined);
}

/** What to do about a kind that the kernel lacks. */
function missingKind(kind: string): string | undefined {
  const part = KINDS.get(kind)?.kernel;
  return part && `the kernel lacks links of the kind ${kind}: ${howToHave(part)}`;
}

/** What to do about a refused change of a link. */
export function explainChange(
  change: LinkChange,
  kind: ChangedKind | undefined,
  error: NetlinkError,
  exists: LinkExists,
): string | undefined {
  const { name, netns, master } = change;
  if (error.code === "EEXIST" && name !== undefined) return taken(`the name ${shown(name)}`, netns !== undefined);
  if (error.detail !== undefined) return undefined; // the kernel says it
  const needed = kind === undefined ? undefined : neededOption(kind.kind, kind.options, error);
  return needed ?? (netns === undefined ? masterOf(master, error, exists) : undefined);
}

/** The request that changes a link, as errors name it: both names of one that is renamed. */
export function labelOfChange(link: LinkRef, { name }: LinkChange): string {
  const label = `RTM_NEWLINK ${labelOf(link)}`;
  return name === undefined ? label : `${label}, to be named ${name}`;
}

/** A name or an index that a new link is to have. */
interface Wanted {
  readonly label: string;
  readonly ref: LinkRef;
  readonly isElsewhere: boolean;
}

/** Which name or index is taken: of a pair, it may be that of the other end, in another namespace. */
function takenOf(spec: LinkSpec | OtherLinkSpec, exists: LinkExists): string | undefined {
  const all = [...wanted(spec, ""), ..."peer" in spec ? wanted(spec.peer, ", of the peer,") : []];
  const found = all.find(({ ref, isElsewhere }) => !isElsewhere && exists(ref));
  if (found !== undefined) return taken(found.label, false);
  if (!("peer" in spec)) return undefined; // two VLANs of one id are refused so too
  const elsewhere = all.filter(({ isElsewhere }) => isElsewhere);
  if (elsewhere.length > 0) return taken(elsewhere.map(({ label }) => label).join(" or "), true);
  return spec.name === spec.peer.name ? "both ends have one name: choose another for the peer" : undefined;
}

function wanted({ name, index, netns }: LinkEnd, whose: string): Wanted[] {
  const isElsewhere = netns !== undefined;
  const byName = { label: `the name ${shown(name)}${whose}`, ref: { name }, isElsewhere };
  return index === undefined
    ? [byName]
    : [byName, { label: `the index ${index}${whose}`, ref: { index }, isElsewhere }];
}

function taken(what: string, isElsewhere: boolean): string {
  return `${what} is taken${isElsewhere ? " in the other namespace" : ""}: choose another, or delete that link`;
}

function noLink(field: string, index: number): string {
  return `${field} is ${index}, and this namespace has no link of that index: see listLinks()`;
}

/** Which of the links that the specification of a link names is not there. */
function missingLink(spec: LinkSpec | OtherLinkSpec, exists: LinkExists): string | undefined {
  const values: Readonly<Record<string, unknown>> = { ...spec };
  for (const key of ["link", ...KINDS.get(spec.kind)?.options?.links ?? []]) {
    const index = values[key];
    if (typeof index === "number" && index !== 0 && !exists({ index })) return noLink(key, index);
  }
  return undefined;
}

/** Of a kind that stands on another link, that this one is not given. */
function linkLeftOut(spec: LinkSpec | OtherLinkSpec, { code }: NetlinkError): string | undefined {
  const given = "link" in spec && spec.link !== undefined && spec.link !== 0;
  return code === "EINVAL" && !given && KINDS.has(spec.kind) && hasLinkBelow(spec)
    ? `give it a link: the one below, on which a ${spec.kind} stands`
    : undefined;
}

function masterOf(
  link: LinkRef | number | undefined,
  { code }: NetlinkError,
  exists: LinkExists,
): string | undefined {
  const master = link === undefined ? 0 : indexOfRef(link);
  if (master === 0) return undefined;
  if (!exists({ index: master })) return noLink("master", master);
  return code === "EOPNOTSUPP"
    ? `master is ${master}: expected a bridge, bond, team or VRF; a bond or team takes no link whose hardware address ` +
      "the kernel does not change, such as an ifb"
    : undefined;
}

/** What an option of the link needs: an option of the kernel, or another value. */
function neededOption(kind: string, given: object, { code }: NetlinkError): string | undefined {
  if (code === "ERANGE") {
    const ranges = Object.entries(KINDS.get(kind)?.ranges ?? {});
    const values: Readonly<Record<string, unknown>> = { ...given };
    return ranges.filter(([option]) => option in given)
      .map(([option, range]) => `${option} is ${String(values[option])}: expected ${range}`).join("; ") || undefined;
  }
  if (code !== "EOPNOTSUPP") return undefined;
  const needs = Object.entries(KINDS.get(kind)?.needs ?? {}).filter(([option]) => option in given);
  return needs.map(([option, needed]) =>
    `${option} needs ${needed} in the kernel: leave it out, or use such a kernel`
  )[0];
}
