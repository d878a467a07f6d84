/** The messages of nf_tables: struct nfgenmsg and attributes. See linux/netfilter/nf_tables.h. */
import { attributesOf, list, NLA_F_NESTED } from "../wire/attributes.ts";
import { type Codec, message, type MessageCodec } from "../wire/codec.ts";
import { struct } from "../wire/struct.ts";
import { bytes } from "../wire/bytes.ts";
import { be16, be32, be64, u8 } from "../wire/numbers.ts";
import { text } from "../wire/text.ts";
import { elements } from "./element_list.ts";
import { type Data, data, type Expression, expression } from "./expressions.ts";

/** struct nfgenmsg */
export interface NetfilterHeader {
  readonly family: number;
  readonly version: number;
  readonly resource: number;
}

const header = struct({ family: u8, version: u8, resource: be16 });

type Message<A> = NetfilterHeader & { readonly attributes: A };

/** NFTA_TABLE_… */
export interface TableAttributes {
  readonly name?: string | undefined;
  readonly flags?: number | undefined;
  readonly handle?: bigint | undefined;
  readonly userData?: Uint8Array<ArrayBuffer> | undefined;
}

/** The codec of tables. */
export const tableMessage: MessageCodec<Message<TableAttributes>> = message(
  header,
  attributesOf<TableAttributes>({ name: [1, text], flags: [2, be32], handle: [4, be64], userData: [6, bytes] }),
);

/** NFTA_HOOK_… */
interface HookAttributes {
  readonly number?: number | undefined;
  readonly priority?: number | undefined;
  readonly device?: string | undefined;
  readonly devices?: readonly string[] | undefined;
}

/** NFTA_CHAIN_… */
export interface ChainAttributes {
  readonly table?: string | undefined;
  readonly handle?: bigint | undefined;
  readonly name?: string | undefined;
  readonly hook?: HookAttributes | undefined;
  readonly policy?: number | undefined;
  readonly type?: string | undefined;
  readonly userData?: Uint8Array<ArrayBuffer> | undefined;
}

/** The codec of chains. */
export const chainMessage: MessageCodec<Message<ChainAttributes>> = message(
  header,
  attributesOf<ChainAttributes>({
    table: [1, text],
    handle: [2, be64],
    name: [3, text],
    hook: [
      4 | NLA_F_NESTED,
      attributesOf<HookAttributes>({
        number: [1, be32],
        priority: [2, be32],
        device: [3, text],
        devices: [4 | NLA_F_NESTED, deviceNames()],
      }),
    ],
    policy: [5, be32],
    type: [7, text],
    userData: [12, bytes],
  }),
);

/** NFTA_DEVICE_NAME, many times. */
function deviceNames(): Codec<readonly string[]> {
  const table = attributesOf<{ readonly name?: readonly string[] }>({ name: [1, text, "many"] });
  return {
    write: (out, values) => table.write(out, { name: values }),
    read: (input) => table.read(input).name ?? [],
  };
}

/** NFTA_RULE_… */
export interface RuleAttributes {
  readonly table?: string | undefined;
  readonly chain?: string | undefined;
  readonly handle?: bigint | undefined;
  readonly expressions?: readonly Expression[] | undefined;
  readonly position?: bigint | undefined;
  readonly userData?: Uint8Array<ArrayBuffer> | undefined;
}

/** The codec of rules. */
export const ruleMessage: MessageCodec<Message<RuleAttributes>> = message(
  header,
  attributesOf<RuleAttributes>({
    table: [1, text],
    chain: [2, text],
    handle: [3, be64],
    expressions: [4 | NLA_F_NESTED, elements(expression)],
    position: [6, be64],
    userData: [7, bytes],
  }),
);

/** The same with expressions as bytes. */
export const rawRuleMessage: MessageCodec<
  Message<Omit<RuleAttributes, "expressions"> & { readonly expressions?: Uint8Array<ArrayBuffer> | undefined }>
> = message(
  header,
  attributesOf({
    table: [1, text],
    chain: [2, text],
    handle: [3, be64],
    expressions: [4 | NLA_F_NESTED, bytes],
    position: [6, be64],
    userData: [7, bytes],
  }),
);

/** NFTA_SET_… */
export interface SetAttributes {
  readonly table?: string | undefined;
  readonly name?: string | undefined;
  readonly flags?: number | undefined;
  readonly keyType?: number | undefined;
  readonly keyLength?: number | undefined;
  readonly dataType?: number | undefined;
  readonly dataLength?: number | undefined;
  readonly policy?: number | undefined;
  readonly description?: SetDescription | undefined;
  readonly id?: number | undefined;
  readonly timeout?: bigint | undefined;
  readonly gcInterval?: number | undefined;
  readonly userData?: Uint8Array<ArrayBuffer> | undefined;
  readonly objectType?: number | undefined;
  readonly handle?: bigint | undefined;
  readonly expression?: Expression | undefined;
  readonly expressions?: readonly Expression[] | undefined;
}

/** NFTA_SET_DESC_… */
export interface SetDescription {
  readonly size?: number | undefined;
  /** The parts of a concatenation. */
  readonly fields?: readonly { readonly length?: number | undefined }[] | undefined;
}

/** The codec of sets. */
export const setMessage: MessageCodec<Message<SetAttributes>> = message(
  header,
  attributesOf<SetAttributes>({
    table: [1, text],
    name: [2, text],
    flags: [3, be32],
    keyType: [4, be32],
    keyLength: [5, be32],
    dataType: [6, be32],
    dataLength: [7, be32],
    policy: [8, be32],
    description: [
      9 | NLA_F_NESTED,
      attributesOf<SetDescription>({
        size: [1, be32],
        fields: [
          2 | NLA_F_NESTED,
          elements(attributesOf<{ readonly length?: number | undefined }>({ length: [1, be32] })),
        ],
      }),
    ],
    id: [10, be32],
    timeout: [11, be64],
    gcInterval: [12, be32],
    userData: [13, bytes],
    objectType: [15, be32],
    handle: [16, be64],
    expression: [17 | NLA_F_NESTED, expression],
    expressions: [18 | NLA_F_NESTED, elements(expression)],
  }),
);

/** NFTA_SET_ELEM_… */
export interface ElementAttributes {
  readonly key?: Data | undefined;
  /** What a map has for it. */
  readonly data?: Data | undefined;
  readonly flags?: number | undefined;
  readonly timeout?: bigint | undefined;
  readonly expiration?: bigint | undefined;
  readonly userData?: Uint8Array<ArrayBuffer> | undefined;
  readonly expression?: Expression | undefined;
  /** The name of the object that a map has for it. */
  readonly object?: string | undefined;
  /** The highest value, of an interval in a concatenation. */
  readonly keyEnd?: Data | undefined;
  readonly expressions?: readonly Expression[] | undefined;
}

/** NFTA_SET_ELEM_LIST_… */
export interface ElementsAttributes {
  readonly table?: string | undefined;
  readonly set?: string | undefined;
  readonly elements?: readonly ElementAttributes[] | undefined;
  readonly setId?: number | undefined;
}

/** The codec of elements of sets. */
export const elementsMessage: MessageCodec<Message<ElementsAttributes>> = message(
  header,
  attributesOf<ElementsAttributes>({
    table: [1, text],
    set: [2, text],
    elements: [
      3 | NLA_F_NESTED,
      list(
        attributesOf<ElementAttributes>({
          key: [1 | NLA_F_NESTED, data],
          data: [2 | NLA_F_NESTED, data],
          flags: [3, be32],
          timeout: [4, be64],
          expiration: [5, be64],
          userData: [6, bytes],
          expression: [7 | NLA_F_NESTED, expression],
          object: [9, text],
          keyEnd: [10 | NLA_F_NESTED, data],
          expressions: [11 | NLA_F_NESTED, elements(expression)],
        }),
        NLA_F_NESTED,
      ),
    ],
    setId: [4, be32],
  }),
);

/** NFTA_OBJ_… */
export interface ObjectAttributes {
  readonly table?: string | undefined;
  readonly name?: string | undefined;
  readonly type?: number | undefined;
  /** The attributes of its kind. */
  readonly data?: Uint8Array<ArrayBuffer> | undefined;
  readonly handle?: bigint | undefined;
  readonly userData?: Uint8Array<ArrayBuffer> | undefined;
}

/** The codec of named objects. */
export const objectMessage: MessageCodec<Message<ObjectAttributes>> = message(
  header,
  attributesOf<ObjectAttributes>({
    table: [1, text],
    name: [2, text],
    type: [3, be32],
    data: [4 | NLA_F_NESTED, bytes],
    handle: [6, be64],
    userData: [8, bytes],
  }),
);

/** NFTA_FLOWTABLE_HOOK_… */
interface FlowtableHook {
  readonly number?: number | undefined;
  readonly priority?: number | undefined;
  readonly devices?: readonly string[] | undefined;
}

/** NFTA_FLOWTABLE_… */
export interface FlowtableAttributes {
  readonly table?: string | undefined;
  readonly name?: string | undefined;
  readonly hook?: FlowtableHook | undefined;
  readonly handle?: bigint | undefined;
  readonly flags?: number | undefined;
}

/** The codec of flowtables. */
export const flowtableMessage: MessageCodec<Message<FlowtableAttributes>> = message(
  header,
  attributesOf<FlowtableAttributes>({
    table: [1, text],
    name: [2, text],
    hook: [
      3 | NLA_F_NESTED,
      attributesOf<FlowtableHook>({
        number: [1, be32],
        priority: [2, be32],
        devices: [3 | NLA_F_NESTED, deviceNames()],
      }),
    ],
    handle: [5, be64],
    flags: [7, be32],
  }),
);

/** The codec of the number that grows with each change of the ruleset. */
export const generationMessage: MessageCodec<Message<{ readonly id?: number | undefined }>> = message(
  header,
  attributesOf<{ readonly id?: number | undefined }>({ id: [1, be32] }),
);
