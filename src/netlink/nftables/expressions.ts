/** The expressions of rules, as the kernel has them: NFTA_EXPR_…. See linux/netfilter/nf_tables.h. */
import { attributesOf, NLA_F_NESTED } from "../wire/attributes.ts";
import { type Codec, type MessageCodec, messageCodec } from "../wire/codec.ts";
import { bytes } from "../wire/bytes.ts";
import { be16, be32, be64, u8 } from "../wire/numbers.ts";
import { text } from "../wire/text.ts";
import { elements } from "./element_list.ts";
import { rawExpression } from "./raw_expressions.ts";
import { counter, type CounterAttributes } from "./expressions/counter.ts";
import { fib, type FibAttributes } from "./expressions/fib.ts";
import { limit, type LimitAttributes } from "./expressions/limit.ts";
import { numgen, type NumgenAttributes } from "./expressions/numgen.ts";
import { quota, type QuotaAttributes } from "./expressions/quota.ts";

/** NFT_REG_1; the next ones follow. */
export const REGISTER = 1;
/** NFT_REG_VERDICT */
export const VERDICT_REGISTER = 0;

/** 32 bits, signed, big-endian. */
const signed: Codec<number> = {
  write: (out, value, name) => be32.write(out, value >>> 0, name),
  read: (input) => be32.read(input) | 0,
};

/** NFTA_VERDICT_… */
export interface Verdict {
  readonly code?: number | undefined;
  readonly chain?: string | undefined;
}

/** NFTA_DATA_… */
export interface Data {
  readonly value?: Uint8Array<ArrayBuffer> | undefined;
  readonly verdict?: Verdict | undefined;
}

/** The codec of {@linkcode Data}. */
export const data: MessageCodec<Data> = attributesOf<Data>({
  value: [1, bytes],
  verdict: [2 | NLA_F_NESTED, attributesOf<Verdict>({ code: [1, signed], chain: [2, text] })],
});

const DATA = NLA_F_NESTED;

/** The attributes of the expressions that the library knows. */
export interface Expressions {
  readonly meta: { readonly dreg?: number; readonly key?: number; readonly sreg?: number };
  readonly payload: {
    readonly dreg?: number;
    readonly base?: number;
    readonly offset?: number;
    readonly length?: number;
    readonly sreg?: number;
  };
  readonly cmp: { readonly sreg?: number; readonly op?: number; readonly data?: Data };
  readonly range: { readonly sreg?: number; readonly op?: number; readonly from?: Data; readonly to?: Data };
  readonly bitwise: {
    readonly sreg?: number;
    readonly dreg?: number;
    readonly length?: number;
    readonly mask?: Data;
    readonly xor?: Data;
    readonly op?: number;
  };
  readonly byteorder: {
    readonly sreg?: number;
    readonly dreg?: number;
    readonly op?: number;
    readonly length?: number;
    readonly size?: number;
  };
  readonly lookup: {
    readonly set?: string;
    readonly sreg?: number;
    readonly dreg?: number;
    readonly setId?: number;
    readonly flags?: number;
  };
  readonly immediate: { readonly dreg?: number; readonly data?: Data };
  readonly counter: CounterAttributes;
  readonly ct: { readonly dreg?: number; readonly key?: number; readonly direction?: number; readonly sreg?: number };
  readonly nat: {
    readonly type?: number;
    readonly family?: number;
    readonly addressMin?: number;
    readonly addressMax?: number;
    readonly portMin?: number;
    readonly portMax?: number;
    readonly flags?: number;
  };
  readonly masq: { readonly flags?: number; readonly portMin?: number; readonly portMax?: number };
  readonly redir: { readonly portMin?: number; readonly portMax?: number; readonly flags?: number };
  readonly reject: { readonly type?: number; readonly code?: number };
  readonly log: {
    readonly group?: number;
    readonly prefix?: string;
    readonly snaplen?: number;
    readonly threshold?: number;
    readonly level?: number;
    readonly flags?: number;
  };
  readonly fib: FibAttributes;
  readonly limit: LimitAttributes;
  readonly quota: QuotaAttributes;
  readonly numgen: NumgenAttributes;
  readonly objref: {
    readonly type?: number;
    readonly name?: string;
    readonly sreg?: number;
    readonly set?: string;
    readonly setId?: number;
  };
  readonly dynset: {
    readonly set?: string;
    readonly setId?: number;
    readonly op?: number;
    readonly sreg?: number;
    readonly dataRegister?: number;
    readonly timeout?: bigint;
    readonly expression?: Expression;
    readonly flags?: number;
    readonly expressions?: readonly Expression[];
  };
  readonly flow_offload: { readonly name?: string };
  readonly notrack: Readonly<Record<never, never>>;
}

/** An expression within one. */
const nested: Codec<Expression> = {
  write: (out, value, name) => expression.write(out, value, name),
  read: (input) => expression.read(input),
};

const CODECS: { readonly [K in keyof Expressions]: MessageCodec<Partial<Expressions[K]>> } = {
  meta: attributesOf<Expressions["meta"]>({ dreg: [1, be32], key: [2, be32], sreg: [3, be32] }),
  payload: attributesOf<Expressions["payload"]>({
    dreg: [1, be32],
    base: [2, be32],
    offset: [3, be32],
    length: [4, be32],
    sreg: [5, be32],
  }),
  cmp: attributesOf<Expressions["cmp"]>({ sreg: [1, be32], op: [2, be32], data: [3 | DATA, data] }),
  range: attributesOf<Expressions["range"]>({
    sreg: [1, be32],
    op: [2, be32],
    from: [3 | DATA, data],
    to: [4 | DATA, data],
  }),
  bitwise: attributesOf<Expressions["bitwise"]>({
    sreg: [1, be32],
    dreg: [2, be32],
    length: [3, be32],
    mask: [4 | DATA, data],
    xor: [5 | DATA, data],
    op: [6, be32],
  }),
  byteorder: attributesOf<Expressions["byteorder"]>({
    sreg: [1, be32],
    dreg: [2, be32],
    op: [3, be32],
    length: [4, be32],
    size: [5, be32],
  }),
  lookup: attributesOf<Expressions["lookup"]>({
    set: [1, text],
    sreg: [2, be32],
    dreg: [3, be32],
    setId: [4, be32],
    flags: [5, be32],
  }),
  immediate: attributesOf<Expressions["immediate"]>({ dreg: [1, be32], data: [2 | DATA, data] }),
  counter,
  ct: attributesOf<Expressions["ct"]>({ dreg: [1, be32], key: [2, be32], direction: [3, u8], sreg: [4, be32] }),
  nat: attributesOf<Expressions["nat"]>({
    type: [1, be32],
    family: [2, be32],
    addressMin: [3, be32],
    addressMax: [4, be32],
    portMin: [5, be32],
    portMax: [6, be32],
    flags: [7, be32],
  }),
  masq: attributesOf<Expressions["masq"]>({ flags: [1, be32], portMin: [2, be32], portMax: [3, be32] }),
  redir: attributesOf<Expressions["redir"]>({ portMin: [1, be32], portMax: [2, be32], flags: [3, be32] }),
  reject: attributesOf<Expressions["reject"]>({ type: [1, be32], code: [2, u8] }),
  log: attributesOf<Expressions["log"]>({
    group: [1, be16],
    prefix: [2, text],
    snaplen: [3, be32],
    threshold: [4, be16],
    level: [5, be32],
    flags: [6, be32],
  }),
  fib,
  limit,
  quota,
  numgen,
  objref: attributesOf<Expressions["objref"]>({
    type: [1, be32],
    name: [2, text],
    sreg: [3, be32],
    set: [4, text],
    setId: [5, be32],
  }),
  dynset: attributesOf<Expressions["dynset"]>({
    set: [1, text],
    setId: [2, be32],
    op: [3, be32],
    sreg: [4, be32],
    dataRegister: [5, be32],
    timeout: [6, be64],
    expression: [7 | NLA_F_NESTED, nested],
    flags: [9, be32],
    expressions: [10 | NLA_F_NESTED, elements(nested)],
  }),
  flow_offload: attributesOf<Expressions["flow_offload"]>({ name: [1, text] }),
  notrack: attributesOf<Expressions["notrack"]>({}),
};

/** An expression that the library knows. */
export type KnownExpression = {
  readonly [K in keyof Expressions]: { readonly name: K; readonly data: Expressions[K] };
}[keyof Expressions];

/** An expression, of which the library may know only the name. */
export type Expression = KnownExpression | {
  readonly name: "unknown";
  readonly kernelName: string;
  readonly raw: Bytes;
};

type Bytes = Uint8Array<ArrayBuffer>;

/** The codec of an expression: NFTA_EXPR_NAME, NFTA_EXPR_DATA. */
export const expression: MessageCodec<Expression> = messageCodec<Expression>({
  write(out, value): void {
    if (value.name === "unknown") return rawExpression.write(out, { name: value.kernelName, data: value.raw });
    if (value.name === "notrack") return rawExpression.write(out, { name: value.name }); // it has no attributes
    const codec: Codec<object> = CODECS[value.name];
    rawExpression.write(out, { name: value.name, data: messageCodec(codec).encode(value.data) });
  },
  read(input): Expression {
    const { name = "", data = new Uint8Array(0) } = rawExpression.read(input);
    if (!Object.hasOwn(CODECS, name)) return { name: "unknown", kernelName: name, raw: data };
    const known = name as keyof Expressions; // the table has it
    return { name: known, data: CODECS[known].decode(data) } as KnownExpression; // read by the codec of its name
  },
});
