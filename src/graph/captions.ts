/** The texts that all formats share. Line ends and control characters in foreign text are escaped. */
import { printable, visible } from "../../ffi/mod.ts";
import { namespaceToString } from "../namespace.ts";
import {
  DEFAULT_NAMESPACE,
  type PictureEdge,
  type PictureEnd,
  type PictureEntry,
  type PictureLink,
  type PictureNamespace,
  type PictureNeighbour,
  type PictureProcess,
  type PictureRoute,
} from "./picture.ts";

/** The MTU that most links have, in bytes; a picture leaves it out. */
const DEFAULT_MTU = 1500;
/** How many processes are named. */
const MAX_PROCESSES = 3;
/** How many routes and how many neighbours are listed. */
const MAX_ENTRIES = 8;

/** The title of a namespace. */
export function titleOf({ name }: Pick<PictureNamespace, "name">): string {
  return name === DEFAULT_NAMESPACE ? "the default namespace" : printable(name);
}

/** A line of text. */
export interface Remark {
  /** The line. */
  readonly text: string;
  /** True if it describes what does not exist yet, or cannot be inspected. */
  readonly pending: boolean;
}

/** Remarks on one topic. */
export interface Section {
  /** The topic: `"routes"`. */
  readonly title: string;
  /** The remarks. */
  readonly remarks: readonly Remark[];
}

/** The remarks on a namespace: containers, other names, processes, who holds it, what it waits for. */
export function notesOf(ns: PictureNamespace): Remark[] {
  const containers = ns.containers.filter((label) => ns.name !== namespaceToString({ type: "microservice", label }));
  const notes = [
    ...containers.length === 0 ? [] : [`container ${containers.map(printable).join(", ")}`],
    ...ns.aliases.length === 0 ? [] : [`also ${ns.aliases.map(printable).join(", ")}`],
    ...processNotes(ns.processes, ""),
    ...processNotes(ns.holders ?? [], "held by "),
  ];
  const pending = [
    ...ns.pending === undefined ? [] : [pendingNote(ns.pending, ns.links)],
    ...ns.unseen === undefined ? [] : [`cannot be inspected: ${visible(ns.unseen)}`],
  ];
  return [
    ...notes.map((text) => ({ text, pending: false })),
    ...pending.map((text) => ({ text, pending: true })),
  ];
}

/** The title and the remarks of a namespace, a line each. */
export function headingOf(ns: PictureNamespace): string[] {
  return [titleOf(ns), ...notesOf(ns).map(({ text }) => text)];
}

function processNotes(processes: readonly PictureProcess[], how: string): string[] {
  if (processes.length === 0) return [];
  const named = processes.slice(0, MAX_PROCESSES).map(({ pid, command }) => `${pid} ${printable(command)}`);
  const rest = processes.length - named.length;
  return [
    `${how}process${processes.length === 1 ? "" : "es"} ${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`,
  ];
}

/** Leaves out a reason that a link of the namespace shows. */
function pendingNote(reason: string, links: readonly PictureLink[]): string {
  return links.some(({ pending }) => pending === reason) ? "pending" : `pending: ${visible(reason)}`;
}

/** The kind and the state of a link, in short. */
export function factsOf({ kind, vlan, state, mtu, on, pending }: PictureLink): string[] {
  return [
    ...kind === undefined ? [] : [vlan === undefined ? printable(kind) : `${printable(kind)} ${vlan}`],
    ...on === undefined ? [] : [`on ${printable(on)}`],
    pending === undefined ? state : "pending",
    ...mtu === undefined || mtu === DEFAULT_MTU ? [] : [`mtu ${mtu}`],
  ];
}

/** The remarks on a link, a line each. */
export function remarksOn({ impairment, note, pending }: PictureLink): string[] {
  return [impairment, note, pending].flatMap((text) => text === undefined ? [] : [visible(text)]);
}

/** All that there is to say of a link, a line each. */
export function linkLines(link: PictureLink): string[] {
  return [printable(link.name), factsOf(link).join(", "), ...link.addresses, ...remarksOn(link)];
}

/** The routes, rules, neighbours, filters and sysctls of a namespace, a line each. */
export function entryLines(ns: PictureNamespace): string[] {
  return sectionsOf(ns).flatMap(({ remarks }) => remarks.map(({ text }) => text));
}

/** The same, by topics. */
export function sectionsOf(
  { routes, rules = [], neighbours, filters = [], sysctls = [] }: PictureNamespace,
): Section[] {
  const entryText = ({ text, pending }: PictureEntry): string => `${visible(text)}${pendingSuffix(pending)}`;
  return [
    { title: "routes", remarks: limited(routes, routeText) },
    { title: "rules", remarks: limited(rules, entryText) },
    { title: "neighbours", remarks: limited(neighbours, neighbourText) },
    { title: "filters", remarks: limited(filters, entryText) },
    { title: "sysctls", remarks: limited(sysctls, entryText) },
  ].filter(({ remarks }) => remarks.length > 0);
}

function limited<T extends { readonly pending?: string }>(all: readonly T[], textOf: (one: T) => string): Remark[] {
  const remarks = all.map((one) => ({ text: textOf(one), pending: one.pending !== undefined }));
  const rest = all.length - MAX_ENTRIES;
  // "and 1 more" takes as much room as the entry itself.
  return rest <= 1 ? remarks : [...remarks.slice(0, MAX_ENTRIES), { text: `and ${rest} more`, pending: false }];
}

function routeText({ type, destination, gateway, link, table, pending }: PictureRoute): string {
  const isDefault = gateway !== undefined && destination.endsWith("/0");
  return (type === undefined ? "" : `${type} `) + (isDefault ? "default" : destination) +
    (gateway === undefined ? "" : ` via ${gateway}`) + (link === undefined ? "" : ` by ${printable(link)}`) +
    (table === undefined ? "" : ` table ${table}`) +
    pendingSuffix(pending);
}

function neighbourText({ ip, address, link, pending }: PictureNeighbour): string {
  return `${ip} is at ${address ?? "no address"} by ${printable(link)}${pendingSuffix(pending)}`;
}

const pendingSuffix = (reason?: string): string => reason === undefined ? "" : " (pending)";

/** The text of an end: `"eth0 in blue"`. */
export function endLabel({ namespace, link }: PictureEnd): string {
  const title = titleOf({ name: namespace });
  return link === undefined ? title : `${printable(link)} in ${title}`;
}

/** The text on an edge. */
export function edgeLabel({ kind, pending }: PictureEdge): string {
  return pending === undefined ? printable(kind) : `${printable(kind)}, pending`;
}
