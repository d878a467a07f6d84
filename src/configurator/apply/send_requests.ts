/** Sends what is one request of rtnetlink on a link that exists: one send for each namespace. */
import { groupBy } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
import { NetlinkError, SyscallError } from "../../errors.ts";
import { RTPROT_NETNS } from "../../netlink/constants/route.ts";
import type { AddressOptions } from "../../netlink/address/types.ts";
import type { ForwardingEntrySpec } from "../../netlink/bridge/forwarding.ts";
import type { BridgeVlanSpec } from "../../netlink/bridge/vlans.ts";
import type { NetlinkBatch } from "../../netlink/batch.ts";
import type { LinkRef } from "../../netlink/link/ref.ts";
import { type KernelNamespace, kernelNamespace } from "../observed/kernel_namespace.ts";
import type { AddressBefore } from "../ownership/prior_state.ts";
import { IMPAIR_HANDLE } from "../ownership/records.ts";
import { asChange } from "../plan/impair_qdisc.ts";
import type { Action, ActionOf, Task } from "../plan/actions.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { sendEach } from "./batch.ts";
import { changeLink } from "./change_link.ts";
import { type ApplyContext, attempt, MissingError } from "./executor.ts";
import { refOf, routeSpec } from "./route_spec.ts";
import { isRouteRefused, linksNotChanged, StillThere } from "./still_there.ts";
import { finishTolerated, isTolerated } from "./tolerated.ts";

/** Actions that are one request on a link; what is sent before it to help it does not count. */
export type Request = Exclude<
  Action,
  {
    readonly kind:
      | "adopt"
      | "use"
      | "release"
      | "create-namespace"
      | "name-namespace"
      | "delete-namespace"
      | "create-link"
      | "delete-link"
      | "move-link"
      | "set-sysctl"
      | "set-tun"
      | "set-wireguard"
      | "add-rule"
      | "delete-rule"
      | "set-table"
      | "delete-table"
      | "set-file"
      | "delete-file";
  }
>;

/** A task with its action. */
interface RequestTask {
  readonly task: Task;
  readonly request: Request;
}

/** How an address of the file is added. */
const USUAL: AddressOptions = { noDad: true, broadcast: "+", protocol: RTPROT_NETNS };

/**
 * Adds an address as it was before. One of IPv6 can be used at once, as it could before: it comes without the check for
 * duplicates, and the kernel then forgets that it did.
 */
function addAsBefore(batch: NetlinkBatch, link: LinkRef, { address, ...options }: AddressBefore): void {
  const isChecked = familyOf(address) === 6 && options.noDad !== true;
  batch.addAddress(link, address, isChecked ? { ...options, noDad: true } : options);
  if (isChecked) batch.replaceAddress(link, address, options);
}

/** How each kind of request is added to a batch. A table rather than a match: a plan may have ten thousand of them. */
const REQUESTS: {
  readonly [K in Request["kind"]]: (batch: NetlinkBatch, request: ActionOf<K>) => void;
} = {
  "change-link": changeLink,
  "add-address": (batch, { link, address, before }) => (
    before === undefined ? batch.addAddress(refOf(link), address, USUAL) : addAsBefore(batch, refOf(link), before)
  ),
  "delete-address": (batch, { link, address, peer }) => batch.deleteAddress(refOf(link), address, { peer }),
  "add-route": (batch, { link, route, append }) => (
    append ? batch.appendRoute(routeSpec(link, route)) : batch.addRoute(routeSpec(link, route))
  ),
  "replace-route": (batch, { link, route }) => batch.replaceRoute(routeSpec(link, route)),
  "delete-route": (batch, { link, route }) => batch.deleteRoute(routeSpec(link, route)),
  "set-neighbour": (batch, { link, ip, address, state, protocol, flags }) => (
    batch.setNeighbour({ linkIndex: refOf(link).index, ip, address, state, protocol, flags })
  ),
  "set-qdisc": (batch, { link, qdisc, isThere }) => {
    const spec = {
      ...isThere ? asChange(qdisc) : qdisc,
      ...{ link: refOf(link), parent: "root", handle: IMPAIR_HANDLE },
    };
    if (isThere) batch.replaceQdisc(spec);
    else batch.addQdisc(spec); // one that somebody else made meanwhile is refused
  },
  "delete-qdisc": (batch, { link }) => (
    batch.deleteQdisc({ link: refOf(link), parent: "root", handle: IMPAIR_HANDLE })
  ),
  "restore-qdisc": (batch, { link, qdisc }) => (
    batch.replaceQdisc({ ...qdisc, linkIndex: refOf(link).index, parent: "root" })
  ),
  "add-entry": (batch, action) => batch.addForwardingEntry(entryOf(action)),
  "delete-entry": (batch, action) => batch.deleteForwardingEntry(entryOf(action)),
  "add-vlan": (batch, { link, ids, flags }) => batch.addBridgeVlan(refOf(link), { id: idOf(ids), ...flags }),
  "delete-vlan": (batch, { link, ids }) => batch.deleteBridgeVlan(refOf(link), { id: idOf(ids) }),
  "delete-neighbour": (batch, { link, ip }) => batch.deleteNeighbour({ linkIndex: refOf(link).index, ip }),
};

/**
 * Sends the requests of `tasks`. The namespace with most of them, the hub of a star, comes last: from the moment that
 * both ends of a pair are up, the kernel is busy with the carrier on another CPU, and delays what is sent meanwhile.
 */
export async function sendRequests(tasks: readonly Task[], context: ApplyContext): Promise<void> {
  const ready: RequestTask[] = [];
  const notChanged = linksNotChanged(context.failed());
  const known = new Map<KernelNamespace, StillThere>();
  const stillIn = (namespace: KernelNamespace): StillThere => {
    const still = known.get(namespace) ?? new StillThere(namespace);
    known.set(namespace, still);
    return still;
  };
  for (const task of tasks) {
    const request = requestOf(task.action);
    if (request === undefined) continue;
    const missing = missingFor(request.link) ?? missingMaster(request) ?? missingPort(request, context);
    if (missing !== undefined) context.finish(task, new MissingError(missing));
    else if (notChanged.has(request.link) && isStillThere(request, stillIn)) context.finishUnchanged(task);
    else ready.push({ task, request });
  }
  const groups = groupBy(ready, ({ request }) => kernelNamespace(request.link.namespace));
  const hubLast = [...groups].sort(([, a], [, b]) => a.length - b.length);
  const later: [KernelNamespace, readonly RequestTask[]][] = [];
  for (const [namespace, group] of hubLast) {
    if (await context.isInterrupted()) return;
    const left = sendIn(namespace, group, context, true);
    if (left.length > 0) later.push([namespace, left]);
  }
  for (const [namespace, group] of later) sendIn(namespace, group, context, false);
}

const isRequest = (action: Action): action is Request => Object.hasOwn(REQUESTS, action.kind);
const requestOf = (action: Action): Request | undefined => isRequest(action) ? action : undefined;

/** What was not made that a request on `link` needs. */
function missingFor({ namespace, index, name }: PlannedLink): string | undefined {
  if (!namespace.exists) return `the namespace ${namespace.label} was not made`;
  return index === undefined ? `${name} in ${namespace.label} was not made` : undefined;
}

function missingMaster(request: Request): string | undefined {
  if (request.kind !== "change-link") return undefined;
  const { master, primary, parent } = request.change;
  const needed = typeof master === "object" ? master : primary ?? parent;
  return needed && missingFor(needed);
}

/** Of what a link is as a port: the master that it did not get. */
function missingPort(request: Request, context: ApplyContext): string | undefined {
  const isOfPort = request.kind === "add-vlan" || request.kind === "delete-vlan" ||
    request.kind === "add-entry" && request.ofPort !== undefined ||
    request.kind === "change-link" && request.change.port !== undefined;
  if (!isOfPort) return undefined;
  for (const { action } of context.failed()) {
    if (action.kind !== "change-link" || action.link !== request.link) continue;
    const { master } = action.change;
    if (typeof master === "object") return `${request.link.label} has no master ${master.name}`;
  }
  return undefined;
}

/**
 * Sends the requests of one namespace.
 *
 * @param again True if what fails can be sent again: a VLAN is set up only after the link below, which may be elsewhere.
 * @returns What has to be sent again, because that was down.
 */
function sendIn(
  namespace: KernelNamespace,
  group: readonly RequestTask[],
  context: ApplyContext,
  again: boolean,
): readonly RequestTask[] {
  const ordered = addressesFirst(group);
  const errors = sendEach(namespace, ordered, (batch, { request }) => addRequest(batch, request));
  const still = new StillThere(namespace);
  const waits = again && ordered.some(({ request }, position) => isBelowDown(request, errors[position]));
  return ordered.filter(({ task, request }, position) => {
    const error = errors[position];
    if (error === undefined) context.finish(task);
    else if (isTolerated(request.kind, error)) finishTolerated(task, context);
    else if (waits) return true;
    else if (isRouteRefused(request, error)) finishRefused(still, { task, request }, error, context);
    else if (isRefusedRename(request, error)) attempt(task, context, () => renameDown(namespace, request, context));
    else {
      setUpAgain(namespace, request);
      context.finish(task, error);
    }
    return false;
  });
}

/** Of what is set whether it is there or not: true if a change of its link failed with which it was to go. */
function isStillThere(request: Request, stillIn: (namespace: KernelNamespace) => StillThere): boolean {
  if (request.kind !== "set-neighbour") return false;
  try {
    return stillIn(kernelNamespace(request.link.namespace)).hasNeighbour(request);
  } catch (error) {
    if (error instanceof NetlinkError || error instanceof SyscallError) return false; // it is set, as if it were gone
    throw error;
  }
}

/** A route of which the kernel says that there is one: it is this one, or takes the place of the former one. */
function finishRefused(
  still: StillThere,
  { task, request }: { readonly task: Task; readonly request: ActionOf<"add-route"> },
  error: unknown,
  context: ApplyContext,
): void {
  if (request.isUnseen) return context.lookAgain(task);
  try {
    const inPlace = still.inPlaceOf(request);
    if (inPlace === "same") return context.finishUnchanged(task);
    if (inPlace === "foreign") return context.finish(task, error);
    const { netlink } = kernelNamespace(request.link.namespace);
    netlink.replaceRoute(routeSpec(request.link, request.route));
  } catch (failure) {
    return context.finish(task, failure);
  }
  context.finish(task);
}

const isBelowDown = (request: Request, error: unknown): boolean =>
  request.kind === "change-link" && request.change.up === true && error instanceof NetlinkError &&
  error.code === "ENETDOWN";

/**
 * What comes before the first route or neighbour with the addresses of all links first, and then the links that are
 * set up: the carrier work of the kernel delays the sender less, the closer those follow each other.
 */
function addressesFirst(group: readonly RequestTask[]): readonly RequestTask[] {
  const addresses: RequestTask[] = [];
  const others: RequestTask[] = [];
  let isOfLinks = true; // until the first route or neighbour
  for (const one of group) {
    const { kind } = one.request;
    isOfLinks &&= isOfAddress(kind) || kind === "change-link";
    (isOfLinks && isOfAddress(kind) ? addresses : others).push(one);
  }
  return others.length === 0 ? addresses : [...addresses, ...others];
}

const isOfAddress = (kind: Request["kind"]): boolean => kind === "add-address" || kind === "delete-address";

function addRequest<K extends Request["kind"]>(
  batch: NetlinkBatch,
  request: ActionOf<K> & { readonly kind: K },
): void {
  REQUESTS[request.kind](batch, request);
}

const idOf = (ids: readonly [from: number, to: number]): BridgeVlanSpec["id"] => ids[0] === ids[1] ? ids[0] : ids;

/** An entry that several ends may have: one of another end is no obstacle. That of a bridge is one, whose port may be another. */
function entryOf(
  { link, mac: address, remote: ip, way, ofPort }: ActionOf<"add-entry" | "delete-entry">,
): ForwardingEntrySpec {
  const linkIndex = refOf(link).index;
  if (ofPort === undefined) return { linkIndex, address, ip, ...way, append: isZero(address) };
  const { vlan, state, sticky, externLearn } = ofPort;
  const stays = state === "permanent" ? "permanent" : "static";
  return { linkIndex, address, vlan, state: stays, sticky, externLearn, master: true, replace: true };
}

const isZero = (mac: string): boolean => !/[1-9a-f]/.test(mac);

/** A link that was set down for a master, and did not get it. What it lost by that, the plan adds again. */
function setUpAgain({ netlink }: KernelNamespace, request: Request): void {
  if (request.kind !== "change-link" || !request.change.downFirst || !request.link.up) return;
  netlink.tryBatch((batch) => batch.setLink(refOf(request.link), { up: true }));
}

function isRefusedRename(request: Request, error: unknown): request is ActionOf<"change-link"> {
  return request.kind === "change-link" && request.change.name !== undefined && error instanceof NetlinkError &&
    error.code === "EBUSY";
}

/** Before Linux 6.2 a link must be down to be renamed, and loses its routes by that: a second plan mends it. */
function renameDown(
  { netlink }: KernelNamespace,
  { link, change }: ActionOf<"change-link">,
  context: ApplyContext,
): void {
  const ref = refOf(link);
  netlink.setLink(ref, { up: false });
  context.planAgain();
  const { name, address, mtu } = change; // the second plan has the rest
  netlink.setLink(ref, { name, address, mtu, up: link.up });
}
