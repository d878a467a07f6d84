/** What makes a link that is there what it was before. */
import { defined } from "../../collections.ts";
import type { KindChanges } from "../../netlink/link/kinds/link_spec.ts";
import { wayOut } from "../observed/lookup.ts";
import type { ObservedLink } from "../observed/observed_namespace.ts";
import type { LinkBefore, OptionsBefore } from "../ownership/prior_state.ts";
import { optionsBefore } from "../ownership/snapshot.ts";
import type { LinkChange } from "../plan/actions.ts";
import { changesAsWhole, neededFor, withEnd, withoutEnds } from "./tunnel_options.ts";

/** What makes a link what it was: first its own fields and its master, then what it is as a port of that. */
export interface ChangeBack {
  readonly change: LinkChange | undefined;
  readonly port: Partial<OptionsBefore> | undefined;
}

/** A link that is to be changed. */
export type LinkNow = Pick<
  ObservedLink,
  "name" | "up" | "mtu" | "address" | "master" | "alias" | "txQueueLength" | "kind" | "data" | "port"
>;

/**
 * The changes that make a link what it was before.
 *
 * @param master The index of the master that it gets again: 0 for none, undefined if it keeps the one that it has.
 */
export function changeBack(now: LinkNow, before: LinkBefore, master: number | undefined): ChangeBack {
  const differs = <K extends "name" | "up" | "mtu" | "address">(field: K): LinkBefore[K] | undefined => (
    now[field] === before[field] ? undefined : before[field]
  );
  const { alias = "" } = before;
  // Those of a TUN or TAP rtnetlink does not change.
  const changed = now.kind === "tun" ? undefined : differing(withoutEnds(now, before), optionsBefore(now.data));
  const parent = before.parent === wayOut(now) ? undefined : before.parent;
  const options = changesAsWhole(now.kind) ? wholeBack(now, before) : withParent(now, changed, parent);
  const texts = [parent === undefined ? "" : "parent as before", changed === undefined ? "" : textOf(changed)];
  const change: LinkChange = defined({
    name: differs("name"),
    // That of a tunnel over IP is its own end, an option.
    address: before.address !== undefined && /^..(:..){5}$/.test(before.address) ? differs("address") : undefined,
    mtu: differs("mtu"),
    master,
    alias: alias === (now.alias ?? "") ? undefined : alias,
    txQueueLength: before.txQueueLength === now.txQueueLength ? undefined : before.txQueueLength,
    options: options && kindChanges(now.kind, options),
    optionsText: texts.filter((text) => text !== "").join(", ") || undefined,
    ...options && neededFor(now, options, parent !== undefined, before.mtu),
    up: differs("up"),
  });
  return {
    change: Object.keys(change).length === 0 ? undefined : change,
    port: master === undefined
      ? differing(before.port, optionsBefore(now.port))
      : master > 0
      ? ofNewLink(before.port)
      : undefined,
  };
}

type Options = Readonly<Record<string, unknown>>;

/** All options of a link as before, with the link by which its packets go; undefined if all of them are so now. */
function wholeBack(now: LinkNow, { options: before = {}, parent = wayOut(now) }: LinkBefore): Options | undefined {
  const isSame = textOf(optionsBefore(now.data) ?? {}) === textOf(before) && parent === wayOut(now);
  return isSame ? undefined : { ...before, ...defined({ link: parent }) };
}

/** The options of a VXLAN that change, with the link by which its packets go again. */
function withParent(now: LinkNow, changed: Options | undefined, parent: number | undefined): Options | undefined {
  return parent === undefined ? changed : { ...withEnd(now, changed ?? {}), link: parent };
}

/** The options that are not as before; undefined if all of them are. */
function differing(before: OptionsBefore = {}, now: OptionsBefore = {}): OptionsBefore | undefined {
  const changed = Object.entries(before).filter(([name, value]) => now[name] !== value);
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

/** Flags that a new link or port has. */
const TRUE_BY_DEFAULT: ReadonlySet<string> = new Set(
  ["learning", "localbypass", "mcastSnooping", "udpCsum", "flood", "mcastFlood", "bcastFlood"],
);

/** Options without the flags that a new link or port does not have: a kernel without a feature refuses those of it. */
export function ofNewLink<O extends object>(options: O | undefined): Partial<O> | undefined {
  if (options === undefined) return undefined;
  const kept: Partial<O> = { ...options };
  for (const name in kept) if (kept[name] === false && !TRUE_BY_DEFAULT.has(name)) delete kept[name];
  return kept;
}

/** Options for people. */
export const textOf = (options: Partial<OptionsBefore>): string =>
  Object.entries(options).map(([name, value]) => `${name} ${value}`).join(", ");

function kindChanges(kind: string | undefined, options: Options): KindChanges | undefined {
  const changes = kind === undefined ? {} : { [kind]: options };
  return hasKinds(changes) ? changes : undefined;
}

/** True if the options are under the name of a kind: netlink checks them one by one. */
const hasKinds = (changes: object): changes is KindChanges => Object.keys(changes).length > 0;
