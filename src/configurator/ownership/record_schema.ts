/** Reading records of a state file: what was written by somebody else may say anything. */
import * as v from "npm:valibot@1.5.0";
import { isSysctlKey } from "../../models/sysctls.ts";
import { isResolverPath } from "../../models/uplinks.ts";
import type { NamespaceRecord, ObjectRecord } from "./records.ts";

/** The longest text that a state file may have in one field. */
const TEXT_MAX = 4096;
/** The most ends, addresses or routes that one record may list. */
const LIST_MAX = 100_000;

const text = v.pipe(v.string(), v.maxLength(TEXT_MAX));
/** The most signs of a file that a state keeps. */
const CONTENT_MAX = 65_536;
const content = v.pipe(v.string(), v.maxLength(CONTENT_MAX));
const number = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4_294_967_295));
const cookie = v.pipe(v.string(), v.regex(/^\d{1,20}$/));
const list = <T extends v.GenericSchema>(item: T): v.GenericSchema<unknown, v.InferOutput<T>[]> =>
  v.pipe(v.array(item), v.maxLength(LIST_MAX));
const intent = v.optional(v.literal(true));

const linkEnd = v.object({
  item: text,
  namespace: cookie,
  index: v.optional(number),
  name: text,
  address: v.optional(text),
  former: v.optional(text),
  described: v.optional(list(text)),
});

/** The metrics of a route that are numbers. */
const NUMBER_METRICS = [
  "lock",
  "mtu",
  "window",
  "rtt",
  "rttVariance",
  "slowStartThreshold",
  "congestionWindow",
  "advertisedMss",
  "reordering",
  "hopLimit",
  "initialCongestionWindow",
  "features",
  "minimalTimeout",
  "initialReceiveWindow",
  "quickAck",
] as const;

const routeBefore = {
  link: v.optional(number),
  gateway: v.optional(text),
  source: v.optional(text),
  scope: text,
  type: text,
  protocol: number,
  onLink: v.optional(v.boolean()),
  mtu: v.optional(number),
  hops: v.optional(list(v.object({ link: v.optional(number), gateway: v.optional(text), weight: number }))),
  options: v.optional(v.object({
    metrics: v.optional(v.object({
      ...v.entriesFromList(NUMBER_METRICS, v.optional(number)),
      congestionControl: v.optional(text),
    })),
    realm: v.optional(number),
    preference: v.optional(v.union([v.picklist(["low", "medium", "high"]), number])),
    nextHopId: v.optional(number),
    tos: v.optional(number),
    src: v.optional(text),
  })),
};

const addressBefore = v.object({
  address: text,
  peer: v.optional(text),
  broadcast: v.optional(text),
  scope: v.optional(number),
  label: v.optional(text),
  noPrefixRoute: v.optional(v.boolean()),
  metric: v.optional(number),
  preferredLifetime: v.optional(number),
  validLifetime: v.optional(number),
  protocol: v.optional(number),
});

const options = v.record(text, v.union([v.boolean(), v.number(), text]));

const vlans = v.optional(list(v.object({ id: number, pvid: v.boolean(), untagged: v.boolean() })));

const linkBefore = v.object({
  namespace: cookie,
  index: number,
  name: text,
  kind: v.optional(text),
  up: v.boolean(),
  mtu: number,
  address: v.optional(text),
  master: v.optional(number),
  alias: v.optional(text),
  txQueueLength: v.optional(number),
  txQueues: v.optional(number),
  rxQueues: v.optional(number),
  options: v.optional(options),
  port: v.optional(options),
  vlans,
  addresses: list(addressBefore),
  routes: list(v.object({ ...routeBefore, destination: text, table: number, metric: number })),
  neighbours: list(v.object({ ip: text, address: v.optional(text) })),
});

const usedFields = v.object({
  up: v.optional(v.boolean()),
  mtu: v.optional(number),
  address: v.optional(text),
  alias: v.optional(text),
  txQueueLength: v.optional(number),
  master: v.optional(text),
  port: v.optional(options),
  vlans,
});

/** Reads a {@linkcode NamespaceRecord} of a state file. */
export const namespaceRecordSchema: v.GenericSchema<unknown, NamespaceRecord> = v.object({
  cookie,
  reference: text,
  inode: cookie,
  made: v.boolean(),
  intent,
});

/** Reads an {@linkcode ObjectRecord} of a state file. */
export const objectRecordSchema: v.GenericSchema<unknown, ObjectRecord> = v.variant("kind", [
  v.object({
    kind: v.literal("link"),
    link: text,
    ends: list(linkEnd),
    replaced: v.optional(list(linkBefore)),
    birth: v.optional(cookie),
    intent,
  }),
  v.object({
    kind: v.literal("borrowed"),
    link: text,
    ends: list(linkEnd),
    before: list(linkBefore),
    used: v.optional(usedFields),
    intent,
  }),
  v.object({
    kind: v.literal("route"),
    item: text,
    namespace: cookie,
    destination: text,
    table: number,
    metric: number,
    protocol: number,
    before: v.optional(v.object(routeBefore)),
    intent,
  }),
  v.object({
    kind: v.literal("neighbour"),
    item: text,
    namespace: cookie,
    link: number,
    ip: text,
    protocol: v.optional(number),
    before: v.optional(v.object({ address: v.optional(text), state: text })),
    intent,
  }),
  v.object({
    kind: v.literal("rule"),
    item: text,
    namespace: cookie,
    rule: v.object({
      family: v.picklist([4, 6]),
      priority: number,
      action: v.picklist(["lookup", "blackhole", "unreachable", "prohibit"]),
      table: v.optional(number),
      src: v.optional(text),
      dst: v.optional(text),
      fwmark: v.optional(number),
      iif: v.optional(text),
      oif: v.optional(text),
      uidrange: v.optional(v.tuple([number, number])),
    }),
    intent,
  }),
  v.object({
    kind: v.literal("sysctl"),
    item: text,
    namespace: cookie,
    key: v.pipe(text, v.check(isSysctlKey)),
    value: text,
    before: v.optional(text),
    intent,
  }),
  v.object({
    kind: v.literal("table"),
    item: text,
    namespace: cookie,
    family: text,
    table: text,
    comment: text,
    intent,
  }),
  v.object({ kind: v.literal("qdisc"), item: text, namespace: cookie, link: number, impairment: text, intent }),
  v.object({
    kind: v.literal("file"),
    item: text,
    namespace: cookie,
    path: v.pipe(text, v.check(isResolverPath)),
    text: content,
    before: v.optional(content),
    intent,
  }),
]);
