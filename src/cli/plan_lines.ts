/** A plan as lines: each namespace, and its steps indented below. */
import type { Step } from "../configurator/report.ts";
import { groupBy } from "../collections.ts";
import { oneLine } from "./terminal/escape.ts";

/** The heading of the namespace in which the command runs, which has no name. */
const DEFAULT_NAMESPACE = "PID:0";

/** The lines for the steps of a plan. Namespaces come in the order of their first steps. */
export function planLines(steps: readonly Step[]): string[] {
  return [...groupBy(steps, ({ namespace }) => namespace)].flatMap(([namespace, group]) => [
    headingOf(namespace),
    ...group.map((step) => `  ${oneLine(lineOf(step))}`),
  ]);
}

function headingOf(namespace: string | null): string {
  if (namespace === null) return "elsewhere";
  return namespace === DEFAULT_NAMESPACE ? "the default namespace" : oneLine(namespace);
}

/** A step below the heading of its namespace: `"set eth0: mtu 1500 → 1400 (went with its address)"`. */
function lineOf(step: Step): string {
  const text = LINES[step.kind]?.(step) ?? step.description;
  return step.why === undefined ? text : `${text} (${step.why})`;
}

/** What there was, if anything, and what there will be. */
const fromTo = (from: string | null, to: string | null): string => from === null ? `${to}` : `${from} → ${to}`;

const LINES: { readonly [K in Step["kind"]]?: (step: Step) => string } = {
  "create-namespace": () => "create the namespace",
  "name-namespace": () => "name the namespace again",
  "delete-namespace": () => "delete the namespace",
  "create-link": ({ link, to }) => `create ${link}: ${to}`,
  "move-link": ({ from, to }) => `move ${from}: now ${to}`,
  "change-link": ({ link, from, to }) => `set ${link}: ${fromTo(from, to)}`,
  "delete-link": ({ link, from }) => `delete ${link}: ${from}`,
  "add-address": ({ link, to }) => `add ${to} to ${link}`,
  "delete-address": ({ link, from }) => `take ${from} from ${link}`,
  "add-route": ({ to }) => `add the route ${to}`,
  "replace-route": ({ from, to }) => `replace the route ${fromTo(from, to)}`,
  "delete-route": ({ from }) => `delete the route ${from}`,
  "set-neighbour": ({ link, from, to }) => `set the neighbour on ${link}: ${fromTo(from, to)}`,
  "delete-neighbour": ({ link, from }) => `forget the neighbour on ${link}: ${from}`,
  "add-entry": ({ link, to }) => `add the entry ${to} to ${link}`,
  "delete-entry": ({ link, from }) => `take the entry ${from} from ${link}`,
  "add-vlan": ({ link, to }) => `put ${link} into ${to}`,
  "delete-vlan": ({ link, from }) => `take ${link} out of ${from}`,
  "set-table": ({ from, to }) => from === null ? `create the table ${to}` : `replace the table ${from} → ${to}`,
  "set-sysctl": ({ from, to }) => `set ${fromTo(from, to)}`,
  "add-rule": ({ to }) => `add the rule ${to}`,
  "delete-rule": ({ from }) => `delete the rule ${from}`,
  "set-qdisc": ({ link, from, to }) => `impair ${link}: ${fromTo(from, to)}`,
  "restore-qdisc": ({ link, from, to }) => `give the qdisc of ${link} back: ${fromTo(from, to)}`,
  "set-tun": ({ link, from, to }) => `set ${link}: ${fromTo(from, to)}`,
  "set-wireguard": ({ link, from, to }) => `set ${link}: ${fromTo(from, to)}`,
  "delete-qdisc": ({ link, from }) => `impair ${link} no more: ${from}`,
  "set-file": ({ from, to }) => `write resolv.conf: ${fromTo(from, to)}`,
  "delete-file": ({ from }) => `delete resolv.conf: ${from}`,
  "delete-table": ({ from }) => `delete the table ${from}`,
};
