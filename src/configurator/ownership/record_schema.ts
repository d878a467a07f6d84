/** Reading records of a state file: what was written by somebody else may say anything. */
import * as v from "npm:valibot@1.5.0";
import { isMapping } from "../../models/fields.ts";
import { isSysctlKey } from "../../models/sysctls.ts";
import { isResolverPath } from "../../models/uplinks.ts";
import { NUMBER_METRICS } from "../../netlink/route/metrics.ts";
import type { NamespaceRecord, ObjectRecord } from "./records.ts";

/** The longest text that a state file may have in one field. */
const TEXT_MAX = 4096;
/** The most ends, addresses or routes that one record may list. */
const LIST_MAX = 100_000;

// Checks of one step each: a state has tens of thousands of fields.
const textOf = (most: number): v.GenericSchema<unknown, string> =>
  v.custom<string>((value) => typeof value === "string" && value.length <= most);
const text = textOf(TEXT_MAX);
/** The most signs of a file that a state keeps. */
const CONTENT_MAX = 65_536;
const content = textOf(CONTENT_MAX);
const number = v.custom<number>((value) => (
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 4_294_967_295
));
const cookie = v.custom<string>((value) => typeof value === "string" && /^\d{1,20}$/.test(value));
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
  entries: v.optional(list(text)),
});

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
  noDad: v.optional(v.boolean()),
  home: v.optional(v.boolean()),
  managedTemporaries: v.optional(v.boolean()),
  metric: v.optional(number),
  preferredLifetime: v.optional(number),
  validLifetime: v.optional(number),
  protocol: v.optional(number),
});

const options = v.record(v.pipe(v.string(), v.maxLength(TEXT_MAX)), v.union([v.boolean(), v.number(), text]));

const vlans = v.optional(list(v.object({ id: number, pvid: v.boolean(), untagged: v.boolean() })));

const forwarding = v.optional(list(v.object({
  address: text,
  vlan: v.optional(number),
  state: text,
  sticky: v.optional(v.boolean()),
  externLearn: v.optional(v.boolean()),
})));

const entries = v.optional(list(v.object({
  mac: text,
  remote: text,
  port: v.optional(number),
  vni: v.optional(number),
  srcVni: v.optional(number),
  viaIndex: v.optional(number),
})));

const uppers = v.optional(list(v.object({ index: number, kind: text, mtu: number })));

const sysctlValues = v.record(v.pipe(v.string(), v.maxLength(TEXT_MAX), v.check(isSysctlKey)), text);

const extras = v.optional(v.object({
  qdisc: v.optional(text),
  altNames: v.optional(list(text)),
  group: v.optional(number),
  promisc: v.optional(v.boolean()),
  allmulti: v.optional(v.boolean()),
  sysctls: v.optional(sysctlValues),
  features: v.optional(v.record(v.pipe(v.string(), v.maxLength(TEXT_MAX)), v.boolean())),
}));

const routes = list(v.object({ ...routeBefore, destination: text, table: number, metric: number }));

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
  parent: v.optional(number),
  extras,
  port: v.optional(options),
  vlans,
  forwarding,
  entries,
  uppers,
  addresses: list(addressBefore),
  routes,
  sourced: v.optional(routes),
  neighbours: list(v.object({
    ip: text,
    address: v.optional(text),
    state: v.optional(v.picklist(["permanent", "noarp"])),
    protocol: v.optional(number),
    flags: v.optional(number),
  })),
});

const usedFields = v.object({
  up: v.optional(v.boolean()),
  mtu: v.optional(number),
  address: v.optional(text),
  alias: v.optional(text),
  txQueueLength: v.optional(number),
  master: v.optional(text),
  masterIndex: v.optional(number),
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

/** The schema of each kind of record. */
const BY_KIND: { readonly [K in ObjectRecord["kind"]]: v.GenericSchema<unknown, Extract<ObjectRecord, { kind: K }>> } =
  {
    "link": v.object({
      kind: v.literal("link"),
      link: text,
      ends: list(linkEnd),
      replaced: v.optional(list(linkBefore)),
      birth: v.optional(cookie),
      intent,
    }),
    "borrowed": v.object({
      kind: v.literal("borrowed"),
      link: text,
      ends: list(linkEnd),
      before: list(linkBefore),
      used: v.optional(usedFields),
      formerly: v.optional(list(usedFields)),
      intent,
    }),
    "route": v.object({
      kind: v.literal("route"),
      item: text,
      namespace: cookie,
      destination: text,
      table: number,
      metric: number,
      protocol: number,
      link: v.optional(number),
      before: v.optional(v.object(routeBefore)),
      intent,
    }),
    "neighbour": v.object({
      kind: v.literal("neighbour"),
      item: text,
      namespace: cookie,
      link: number,
      ip: text,
      protocol: v.optional(number),
      before: v.optional(v.object({ address: v.optional(text), state: text, flags: v.optional(number) })),
      intent,
    }),
    "rule": v.object({
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
        not: v.optional(v.literal(true)),
        fwmark: v.optional(number),
        fwmask: v.optional(number),
        iif: v.optional(text),
        oif: v.optional(text),
        uidrange: v.optional(v.tuple([number, number])),
        ipproto: v.optional(number),
        sport: v.optional(v.tuple([number, number])),
        dport: v.optional(v.tuple([number, number])),
        suppressPrefixlength: v.optional(number),
      }),
      intent,
    }),
    "sysctl": v.object({
      kind: v.literal("sysctl"),
      item: text,
      namespace: cookie,
      key: v.pipe(text, v.check(isSysctlKey)),
      link: v.optional(number),
      value: text,
      formerly: v.optional(list(text)),
      before: v.optional(text),
      spread: v.optional(sysctlValues),
      intent,
    }),
    "table": v.object({
      kind: v.literal("table"),
      item: text,
      namespace: cookie,
      family: text,
      table: text,
      comment: text,
      intent,
    }),
    "qdisc": v.object({
      kind: v.literal("qdisc"),
      item: text,
      namespace: cookie,
      link: number,
      impairment: text,
      before: v.optional(text),
      intent,
    }),
    "file": v.object({
      kind: v.literal("file"),
      item: text,
      namespace: cookie,
      path: v.pipe(text, v.check(isResolverPath)),
      text: content,
      formerly: v.optional(list(content)),
      before: v.optional(content),
      folders: v.optional(v.picklist([1, 2])), // of /etc/netns/NAME/resolv.conf
      intent,
    }),
  };

/** Reads an {@linkcode ObjectRecord} of a state file. */
export const objectRecordSchema: v.GenericSchema<unknown, ObjectRecord> = v.lazy(
  (value): v.GenericSchema<unknown, ObjectRecord> => {
    const kind: unknown = isMapping(value) ? value["kind"] : undefined;
    return isKind(kind) ? BY_KIND[kind] : v.never();
  },
);

const isKind = (kind: unknown): kind is ObjectRecord["kind"] =>
  typeof kind === "string" && Object.hasOwn(BY_KIND, kind);
