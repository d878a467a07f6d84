/** Links in their short form: pairs and segments, whose ends are `NAMESPACE LINK ADDRESS…`. */
import { LOOPBACK_NAME } from "../../netlink/constants/link.ts";
import * as v from "npm:valibot@1.5.0";
import { utf8Length } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import { LINK_IP_PATTERN } from "../../ip/pattern.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import { type Field, type FieldsOf, integer, list, message, optional } from "../fields.ts";
import { definition, described, ifThen, isGiven } from "../json_schema.ts";
import { NAMESPACE_WORD_PATTERN } from "../namespace_pattern.ts";
import { type Impairment, type ImpairmentInput, impairmentSchema } from "../impair.ts";
import { HOST_NAME_PATTERN, HOST_NAME_RULE, isHostIfName } from "../values.ts";
import { type Keys, namespaceWord, type Read, type ShortItem, textItem } from "./text_item.ts";

/** Links in their short form: a pair, or a segment whose ends join a bridge. */
export interface LinkInput {
  /** The ends, each `"NAMESPACE LINK ADDRESS…"`: two of a pair, any number of a segment. */
  readonly ends: readonly string[];
  /** The bridge of a segment: `"NAMESPACE LINK ADDRESS…"`. Absent: it is a pair. */
  readonly bridge?: string | undefined;
  /** The largest packet of every end, in bytes. */
  readonly mtu?: number | undefined;
  /** What each end does to the packets that leave it; a list has one for each end, `null` for an end without. */
  readonly impair?: ImpairmentInput | readonly (ImpairmentInput | null)[] | undefined;
}

/** One end: a link in a namespace, with its addresses. */
interface End {
  readonly namespace: string;
  readonly link: string;
  readonly addresses: readonly string[];
}

/** An entry of `links`, when its ends are read. */
export interface ShortLink {
  /** The ends. */
  readonly ends: readonly End[];
  /** The bridge of a segment. */
  readonly bridge?: End | undefined;
  /** The largest packet of every end, in bytes. */
  readonly mtu?: number | undefined;
  /** One impairment for all ends, or one for each. */
  readonly impair?: Impairments | undefined;
}

const FORM = 'a link as text, "NAMESPACE LINK ADDRESS…"';

const FORM_PATTERN =
  `^\\s*${NAMESPACE_WORD_PATTERN}\\s+(?!${LOOPBACK_NAME}(?:\\s|$))${HOST_NAME_PATTERN}(?:\\s+${LINK_IP_PATTERN})*\\s*$`;

const end: Field<End> = definition(
  "end",
  textItem(FORM, ([first = "", link, ...addresses]): Read<End> => {
    const namespace = namespaceWord(first);
    if ("expected" in namespace) return namespace;
    if (link === undefined) return { expected: "the name of the link is missing" };
    if (!isHostIfName(link)) return { expected: `${link} is not ${HOST_NAME_RULE}` };
    if (link === LOOPBACK_NAME) return { expected: `${LOOPBACK_NAME} is the loopback link, which each namespace has` };
    const fault = addresses.find((text) => parseIpPrefix(text) === undefined);
    if (fault !== undefined) return { expected: `${fault} is no IP address with the prefix of its network` };
    return { value: { namespace: namespace.value, link, addresses } };
  }, FORM_PATTERN),
);

const oneImpairment: Field<Impairment | null> = v.nullable(impairmentSchema);
const impairmentList = list("a list with an impairment for each end", oneImpairment);
const impairments: Field<Impairments> = described(
  v.lazy((input): Field<Impairments> => Array.isArray(input) ? impairmentList : impairmentSchema),
  (of) => ({ anyOf: [of(impairmentSchema), of(impairmentList)] }),
);
type Impairments = Impairment | readonly (Impairment | null)[];

const isList = (value: Impairments | undefined): value is readonly (Impairment | null)[] => Array.isArray(value);

const FIELDS = {
  ends: list(`a list of ends, each ${FORM}`, end),
  bridge: optional(end),
  mtu: optional(integer(68, 65_535, "a number of bytes")),
  impair: optional(impairments),
} as const satisfies FieldsOf<LinkInput>;

/** Reads an entry of `links`. */
export const shortLink: Field<ShortLink> = message(
  "a mapping with ends, and with bridge if they are not two",
  FIELDS,
  (values, given, report) => {
    const { ends, impair } = values;
    if (ends === undefined) return;
    if (!given("bridge") && ends.length !== 2) report("ends", "two ends, or a bridge that they join");
    if (given("bridge") && ends.length === 0) report("ends", "at least one end that joins the bridge");
    if (isList(impair) && impair.length !== ends.length) {
      report("impair", `one for each of the ${ends.length} ends, null for an end without`);
    }
  },
  () => [
    { properties: { ends: { minItems: 1 } } },
    ifThen({ not: isGiven("bridge") }, { properties: { ends: { minItems: 2, maxItems: 2 } } }),
  ],
);

/** The interfaces that an entry of `links` stands for. */
export function interfacesOf(link: ShortLink, index: number): ShortItem[] {
  return link.bridge === undefined ? pairOf(link, index) : segmentOf(link, link.bridge, index);
}

const nameOf = ({ namespace, link }: Pick<End, "namespace" | "link">): string => `${namespace}/${link}`;

/** An interface, and where the short form says what it has. */
function shortInterface(input: Readonly<Record<string, unknown>>, index: number, where: Keys, impair: Keys): ShortItem {
  const shared: Readonly<Record<string, Keys>> = { mtu: ["mtu"], impair };
  return {
    input: defined(input),
    keysOf: (field) => ["links", index, ...(typeof field === "string" ? shared[field] ?? where : where)],
  };
}

function endInterface(link: ShortLink, position: number, one: End, peerIfName: string, index: number): ShortItem {
  const { mtu, impair } = link;
  const { namespace, link: hostIfName, addresses } = one;
  const ipAddresses = addresses.length === 0 ? undefined : addresses;
  const own = isList(impair) ? impair[position] ?? undefined : impair;
  const input = { name: nameOf(one), namespace, hostIfName, ipAddresses, mtu, impair: own, veth: { peerIfName } };
  return shortInterface(input, index, ["ends", position], isList(impair) ? ["impair", position] : ["impair"]);
}

function pairOf(link: ShortLink, index: number): ShortItem[] {
  const [first, second] = link.ends;
  if (first === undefined || second === undefined) return [];
  return [
    endInterface(link, 0, first, nameOf(second), index),
    endInterface(link, 1, second, nameOf(first), index),
  ];
}

function segmentOf(link: ShortLink, bridge: End, index: number): ShortItem[] {
  const { mtu } = link;
  const { namespace, link: hostIfName, addresses } = bridge;
  const ipAddresses = addresses.length === 0 ? undefined : addresses;
  const master = nameOf(bridge);
  const type = "BRIDGE";
  return [
    shortInterface({ name: master, type, namespace, hostIfName, ipAddresses, mtu }, index, ["bridge"], ["impair"]),
    ...link.ends.flatMap((one, position) => {
      const port = { namespace, link: portName(one) };
      const veth = { peerIfName: nameOf(one) };
      const input = { name: nameOf(port), namespace, hostIfName: port.link, mtu, master, veth };
      return [
        endInterface(link, position, one, nameOf(port), index),
        shortInterface(input, index, ["ends", position], ["impair"]),
      ];
    }),
  ];
}

/** The longest name of a link, in bytes. */
const NAME_MAX = 15;
/** What stands between the parts of a port's name. */
const SEPARATOR = "_";

/**
 * The host name of a bridge's port for an end: the end's namespace and link, or what fits of them with a hash of both. It is
 * the same on each run.
 */
export function portName({ namespace, link }: Pick<End, "namespace" | "link">): string {
  const whole = `${namespace}${SEPARATOR}${link}`;
  const isPlain = !namespace.includes(SEPARATOR) && !link.includes(SEPARATOR) && isHostIfName(whole);
  if (isPlain) return whole;
  const hash = hashOf(`${namespace}/${link}`);
  const kept = [...whole.replace(/[^\p{L}\p{N}_.-]/gu, "-")];
  while (utf8Length(kept.join("")) + hash.length + 1 > NAME_MAX) kept.pop();
  return `${kept.join("")}-${hash}`;
}

/** FNV-1a of 32 bits, in six signs. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(36).padStart(7, "0").slice(-6);
}
