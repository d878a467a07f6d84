/** Objects of connection tracking: helpers, times, expectations. NFTA_CT_HELPER_…, NFTA_CT_TIMEOUT_…, NFTA_CT_EXPECT_…. */
import { shown } from "../../../errors.ts";
import { attributesOf, NLA_F_NESTED } from "../../wire/attributes.ts";
import type { MessageCodec } from "../../wire/codec.ts";
import { bytes } from "../../wire/bytes.ts";
import { be16, be32, u32, u8 } from "../../wire/numbers.ts";
import { text } from "../../wire/text.ts";
import { checkKeys, textOf } from "../given.ts";
import { FAMILIES } from "../constants.ts";
import { DATATYPES } from "../datatypes.ts";
import { numberUpTo } from "../expressions/units.ts";
import type { NftFamily } from "../names.ts";
import type { ObjectCodec } from "../object_codec.ts";
import type { NftCtExpectation, NftCtHelper, NftCtTimeout } from "../object_types.ts";

/** Of which connections an object is. */
interface Protocols {
  readonly l3proto?: number | undefined;
  readonly l4proto?: number | undefined;
}

type Shown = Pick<NftCtHelper, "protocol" | "l3proto">;

function encodeProtocols({ protocol, l3proto }: Shown, family: NftFamily, at: string): Required<Protocols> {
  const l4proto = DATATYPES.protocol.encode(protocol)?.[0];
  if (l4proto === undefined) {
    throw new TypeError(`Cannot use ${shown(protocol)} as ${at}.protocol: expected "tcp" or "udp"`);
  }
  const version = l3proto === undefined ? family === "ip6" ? "ip6" : "ip" : l3proto;
  if (version !== "ip" && version !== "ip6") {
    throw new TypeError(`Cannot use ${shown(l3proto)} as ${at}.l3proto: expected "ip" or "ip6"`);
  }
  return { l3proto: FAMILIES[version], l4proto };
}

function decodeProtocols({ l3proto, l4proto = 0 }: Protocols): Required<Shown> {
  return {
    protocol: `${DATATYPES.protocol.decode(Uint8Array.of(l4proto))}`,
    l3proto: l3proto === FAMILIES.ip6 ? "ip6" : "ip",
  };
}

const helperAttributes: MessageCodec<Protocols & { readonly name?: string | undefined }> = attributesOf({
  name: [1, text],
  l3proto: [2, be16],
  l4proto: [3, u8],
});

/** Helpers. */
export const helper: ObjectCodec<NftCtHelper> = {
  keys: ["type", "protocol", "l3proto"],
  encode: ({ type, ...of }, family, at) => (
    helperAttributes.encode({ name: textOf(type, `${at}.type`), ...encodeProtocols(of, family, at) })
  ),
  decode(bytes) {
    const { name = "", ...of } = helperAttributes.decode(bytes);
    return { type: name, ...decodeProtocols(of) };
  },
};

/** The states of each protocol, and what a new kernel has for them. CTA_TIMEOUT_TCP_…, CTA_TIMEOUT_UDP_… */
const STATES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  tcp: {
    syn_sent: 120,
    syn_recv: 60,
    established: 432_000,
    fin_wait: 120,
    close_wait: 60,
    last_ack: 30,
    time_wait: 120,
    close: 10,
    syn_sent2: 120,
    retrans: 300,
    unack: 300,
  },
  udp: { unreplied: 30, replied: 120 },
};

type Times = Readonly<Record<string, number | undefined>>;

const timesOf = (protocol: string): MessageCodec<Times> => (
  attributesOf<Times>(Object.fromEntries(Object.keys(STATES[protocol] ?? {}).map((name, i) => [name, [i + 1, be32]])))
);
const TIMES: Readonly<Record<string, MessageCodec<Times>>> = { tcp: timesOf("tcp"), udp: timesOf("udp") };

const timeoutAttributes: MessageCodec<Protocols & { readonly data?: Uint8Array<ArrayBuffer> | undefined }> =
  attributesOf({ l3proto: [1, be16], l4proto: [2, u8], data: [3 | NLA_F_NESTED, bytes] });

/** Times. */
export const timeout: ObjectCodec<NftCtTimeout> = {
  keys: ["protocol", "l3proto", "policy"],
  encode({ policy, ...of }, family, at) {
    const protocols = encodeProtocols(of, family, at);
    const [codec, states] = [TIMES[of.protocol], STATES[of.protocol]];
    if (codec === undefined || states === undefined) {
      throw new TypeError(`Cannot use ${shown(of.protocol)} as ${at}.protocol: expected "tcp" or "udp"`);
    }
    const given = policy === null || policy === undefined ? {} : policy; // null is what is listed of one without
    checkKeys(given, Object.keys(states), `${at}.policy`);
    for (const [name, seconds] of Object.entries(given)) {
      numberUpTo(0xffffffff, seconds, `${at}.policy.${name}`);
    }
    return timeoutAttributes.encode({ ...protocols, data: codec.encode(given) });
  },
  decode(bytes) {
    const { data, ...of } = timeoutAttributes.decode(bytes);
    const protocols = decodeProtocols(of);
    const [codec, states = {}] = [TIMES[protocols.protocol], STATES[protocols.protocol]];
    const times = data === undefined || codec === undefined ? {} : codec.decode(data);
    const policy = Object.keys(states).flatMap((name) => {
      const seconds = times[name];
      return seconds === undefined || seconds === states[name] ? [] : [[name, seconds] as const];
    });
    return { ...protocols, policy: policy.length === 0 ? null : Object.fromEntries(policy) };
  },
};

/** NFTA_CT_EXPECT_… */
interface ExpectationAttributes extends Protocols {
  readonly dport?: number | undefined;
  readonly timeout?: number | undefined;
  readonly size?: number | undefined;
}

const expectationAttributes: MessageCodec<ExpectationAttributes> = attributesOf<ExpectationAttributes>({
  l3proto: [1, be16],
  l4proto: [2, u8],
  dport: [3, be16],
  timeout: [4, u32], // in the machine's order, as nothing else here
  size: [5, u8],
});

/** Expectations. */
export const expectation: ObjectCodec<NftCtExpectation> = {
  keys: ["protocol", "l3proto", "dport", "timeout", "size"],
  encode: ({ dport, timeout, size, ...of }, family, at) => (
    expectationAttributes.encode({
      ...encodeProtocols(of, family, at),
      dport: numberUpTo(0xffff, dport, `${at}.dport`),
      timeout: numberUpTo(0xffffffff, timeout, `${at}.timeout`),
      size: numberUpTo(0xff, size, `${at}.size`),
    })
  ),
  decode(bytes) {
    const { dport = 0, timeout = 0, size = 0, ...of } = expectationAttributes.decode(bytes);
    return { ...decodeProtocols(of), dport, timeout, size };
  },
};
