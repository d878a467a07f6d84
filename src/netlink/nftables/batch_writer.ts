/** The messages of one batch, and of which command each is. */
import type { NetlinkRequest } from "../wire/framing.ts";
import { type Codec, type FieldAt, fieldNames } from "../wire/codec.ts";
import { MESSAGES, SUBSYSTEM } from "./constants.ts";
import {
  chainMessage,
  elementsMessage,
  flowtableMessage,
  objectMessage,
  ruleMessage,
  setMessage,
  tableMessage,
} from "./messages.ts";

/** A message of a batch, and the command that it is of. */
export interface CommandRequest extends NetlinkRequest {
  /** The position of the command in the list, from 0. */
  readonly command: number;
  /** True if the kernel must have NFT_MSG_DESTROY…. */
  readonly destroys: boolean;
}

/** What is done with an object. */
export type Verb = "add" | "create" | "insert" | "replace" | "delete" | "flush";

/** What NFT_MSG_DESTROY… of an object is, by its NFT_MSG_DEL…: Linux 6.3 has them. */
const DESTROYING: ReadonlyMap<number, number> = new Map([
  [MESSAGES.delTable, 26],
  [MESSAGES.delChain, 27],
  [MESSAGES.delRule, 28],
  [MESSAGES.delSet, 29],
  [MESSAGES.delElements, 30],
  [MESSAGES.delObject, 31],
  [MESSAGES.delFlowtable, 32],
]);

/** Names the fields of each message, in the words of libnftables-json(5). */
const FIELDS: ReadonlyMap<number, FieldAt> = new Map([
  ...fieldsOf([MESSAGES.newTable, MESSAGES.delTable], tableMessage),
  ...fieldsOf([MESSAGES.newChain, MESSAGES.delChain], chainMessage, { "hook.priority": "prio", "hook.number": "hook" }),
  ...fieldsOf([MESSAGES.newRule, MESSAGES.delRule], ruleMessage, { expressions: "expr", position: "handle" }),
  ...fieldsOf([MESSAGES.newSet, MESSAGES.delSet], setMessage, { keyType: "type", dataType: "map", expression: "stmt" }),
  ...fieldsOf([MESSAGES.newElements, MESSAGES.delElements], elementsMessage, { set: "name", elements: "elem" }),
  ...fieldsOf([MESSAGES.newObject, MESSAGES.delObject], objectMessage),
  ...fieldsOf([MESSAGES.newFlowtable, MESSAGES.delFlowtable], flowtableMessage, { "hook.devices": "dev" }),
]);

function fieldsOf(types: readonly number[], codec: Codec<object>, names: Readonly<Record<string, string>> = {}) {
  const fieldAt = fieldNames(codec, { userData: "comment", ...names });
  return types.map((type): [number, FieldAt] => [type, fieldAt]);
}

const NO_FIELD: FieldAt = () => undefined;

/** Collects the messages of a batch. */
export class BatchWriter {
  readonly requests: CommandRequest[] = [];
  #command = 0;
  #destroys = false;

  /** What follows is of this command; one that `destroys` deletes, and what is not there is no error. */
  protected begin(command: number, destroys: boolean): void {
    this.#command = command;
    this.#destroys = destroys;
  }

  protected push(type: number, flags: number, body: Uint8Array, label: string): void {
    const own = this.#destroys ? DESTROYING.get(type) ?? type : type;
    const destroys = own !== type;
    const fieldAt = FIELDS.get(type) ?? NO_FIELD;
    this.requests.push({ type: SUBSYSTEM << 8 | own, flags, body, label, command: this.#command, destroys, fieldAt });
  }
}
