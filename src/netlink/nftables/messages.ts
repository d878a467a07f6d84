/** The messages of nf_tables: struct nfgenmsg and attributes. See linux/netfilter/nf_tables.h. */
import { attributesOf, list, NLA_F_NESTED } from "../wire/attributes.ts";
import { type Codec, message, type MessageCodec } from "../wire/codec.ts";
import { struct } from "../wire/struct.ts";
import { be16, be32, be64, bytes, text, u8 } from "../wire/values.ts";
import { type Data, data, type Expression, expression } from "./expressions.ts";

/** struct nfgenmsg */
export interface NetfilterHeader {
  readonly family: number;
  readonly version: number;
  readonly resource: number;
}

const header = struct({ family: u8, version: u8, resource: be16 });

type Message<A> = NetfilterHeader & { readonly attributes: A };

/** Attributes of which each is NFTA_LIST_ELEM; of elements of a set each has a number of its own. */
function elements<T>(codec: Codec<T>): Codec<readonly T[]> {
  const table = attributesOf<{ readonly one?: readonly T[] }>({ one: [1 | NLA_F_NESTED, codec, "many"] });
  return {
    write: (out, values) => table.write(out, { one: values }),
    read: (input) => table.read(input).one ?? [],
  };
}

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

/** NFTA_SET_… */
export interface SetAttributes {
  readonly table?: string | undefined;
  readonly name?: string | undefined;
  readonly flags?: number | undefined;
  readonly keyType?: number | undefined;
  readonly keyLength?: number | undefined;
  readonly policy?: number | undefined;
  readonly description?: { readonly size?: number | undefined } | undefined;
  readonly id?: number | undefined;
  readonly timeout?: bigint | undefined;
  readonly gcInterval?: number | undefined;
  readonly userData?: Uint8Array<ArrayBuffer> | undefined;
  readonly handle?: bigint | undefined;
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
    policy: [8, be32],
    description: [9 | NLA_F_NESTED, attributesOf<{ readonly size?: number | undefined }>({ size: [1, be32] })],
    id: [10, be32],
    timeout: [11, be64],
    gcInterval: [12, be32],
    userData: [13, bytes],
    handle: [16, be64],
  }),
);

/** NFTA_SET_ELEM_… */
export interface ElementAttributes {
  readonly key?: Data | undefined;
  readonly flags?: number | undefined;
  readonly timeout?: bigint | undefined;
  readonly expiration?: bigint | undefined;
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
          flags: [3, be32],
          timeout: [4, be64],
          expiration: [5, be64],
        }),
        NLA_F_NESTED,
      ),
    ],
    setId: [4, be32],
  }),
);

/** The codec of the number that grows with each change of the ruleset. */
export const generationMessage: MessageCodec<Message<{ readonly id?: number | undefined }>> = message(
  header,
  attributesOf<{ readonly id?: number | undefined }>({ id: [1, be32] }),
);
