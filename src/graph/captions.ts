/** The words that every picture has in common. No character of them can end a line or speak to a terminal. */
import { printable, visible } from "../../ffi/mod.ts";
import {
  DEFAULT_NAMESPACE,
  type DrawnEdge,
  type DrawnEnd,
  type DrawnLink,
  type DrawnNamespace,
  type DrawnNeighbour,
  type DrawnRoute,
} from "./picture.ts";

/** The MTU of links for which nobody chose one, in bytes. */
const DEFAULT_MTU = 1500;
/** As many processes are named; the others are counted. */
const MOST_PROCESSES = 3;
/** As many routes, and as many neighbours, are drawn; the others are counted. */
const MOST_ENTRIES = 8;

/** What a namespace is headed with. */
export function titleOf({ name }: Pick<DrawnNamespace, "name">): string {
  return name === DEFAULT_NAMESPACE ? "the default namespace" : printable(name);
}

/** A line, and whether it is about something that is not there, or not to be seen. */
export interface Remark {
  /** The line. */
  readonly text: string;
  /** True if it is. */
  readonly pending: boolean;
}

/** Remarks of one kind. */
export interface Section {
  /** What they are about: `"routes"`. */
  readonly title: string;
  /** The remarks. */
  readonly remarks: readonly Remark[];
}

/** What else is to be said of a namespace. */
export function notesOf(ns: DrawnNamespace): Remark[] {
  const containers = ns.containers.filter((label) => ns.name !== `MICROSERVICE:${label}`);
  const plain = [
    ...containers.length === 0 ? [] : [`container ${containers.map(printable).join(", ")}`],
    ...ns.aliases.length === 0 ? [] : [`also ${ns.aliases.map(printable).join(", ")}`],
    ...processesOf(ns),
  ];
  const waiting = [
    ...ns.pending === undefined ? [] : [pendingWords(ns.pending, ns.links)],
    ...ns.unseen === undefined ? [] : [`cannot be looked into: ${visible(ns.unseen)}`],
  ];
  return [
    ...plain.map((text) => ({ text, pending: false })),
    ...waiting.map((text) => ({ text, pending: true })),
  ];
}

function processesOf({ processes }: DrawnNamespace): string[] {
  if (processes.length === 0) return [];
  const shown = processes.slice(0, MOST_PROCESSES).map(({ pid, command }) => `${pid} ${printable(command)}`);
  const rest = processes.length - shown.length;
  return [`process${processes.length === 1 ? "" : "es"} ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`];
}

/** A reason that a link gives, too, is not given twice. */
function pendingWords(reason: string, links: readonly DrawnLink[]): string {
  return links.some(({ pending }) => pending === reason) ? "pending" : `pending: ${visible(reason)}`;
}

/** What kind of link it is, and how it is, in short. */
export function factsOf({ kind, vlan, state, mtu, on, pending }: DrawnLink): string[] {
  return [
    ...kind === undefined ? [] : [vlan === undefined ? printable(kind) : `${printable(kind)} ${vlan}`],
    ...on === undefined ? [] : [`on ${printable(on)}`],
    pending === undefined ? state : "pending",
    ...mtu === undefined || mtu === DEFAULT_MTU ? [] : [`mtu ${mtu}`],
  ];
}

/** What else is to be said of a link, a line each. */
export function remarksOn({ note, pending }: DrawnLink): string[] {
  return [note, pending].flatMap((text) => text === undefined ? [] : [visible(text)]);
}

/** The routes and the neighbours of a namespace. */
export function sectionsOf({ routes, neighbours }: DrawnNamespace): Section[] {
  return [
    { title: "routes", remarks: limited(routes, routeWords) },
    { title: "neighbours", remarks: limited(neighbours, neighbourWords) },
  ].filter(({ remarks }) => remarks.length > 0);
}

function limited<T extends { readonly pending?: string }>(all: readonly T[], words: (one: T) => string): Remark[] {
  const rest = all.length - MOST_ENTRIES;
  const shown = (rest <= 1 ? all : all.slice(0, MOST_ENTRIES)).map((one) => (
    { text: words(one), pending: one.pending !== undefined }
  ));
  return rest <= 1 ? shown : [...shown, { text: `and ${rest} more`, pending: false }];
}

function routeWords({ type, destination, gateway, link, table, pending }: DrawnRoute): string {
  const everywhere = gateway !== undefined && destination.endsWith("/0");
  return (type === undefined ? "" : `${type} `) + (everywhere ? "default" : destination) +
    (gateway === undefined ? "" : ` via ${gateway}`) + (link === undefined ? "" : ` by ${printable(link)}`) +
    (table === undefined ? "" : ` table ${table}`) +
    pendingSuffix(pending);
}

function neighbourWords({ ip, address, link, pending }: DrawnNeighbour): string {
  return `${ip} is at ${address ?? "no address"} by ${printable(link)}${pendingSuffix(pending)}`;
}

const pendingSuffix = (reason?: string): string => reason === undefined ? "" : " (pending)";

/** Where an edge leads: `"eth0 in blue"`. */
export function endWords({ namespace, link }: DrawnEnd): string {
  const title = titleOf({ name: namespace });
  return link === undefined ? title : `${printable(link)} in ${title}`;
}

/** What is written on an edge. */
export function edgeWords({ kind, pending }: DrawnEdge): string {
  return pending === undefined ? printable(kind) : `${printable(kind)}, pending`;
}
