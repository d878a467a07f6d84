/** What the registers hold while a rule is read. */
import type { Datatype } from "./datatypes.ts";
import type { NftElement, NftMapElement, NftRange, NftScalar } from "./element_types.ts";
import type { SetType } from "./elements.ts";
import type { KeyTypes } from "./key_types.ts";
import { flagsOf, type Part } from "./parts.ts";
import { registerOf, wordOf, wordsOf } from "./registers.ts";
import type { NftRawSet } from "./types.ts";
import type { NftLeft, NftMapped, NftSelector } from "./statement_types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What a register holds: a part of the packet, several that lie side by side, a value, or what a map has. */
type Register =
  | Part
  | { readonly kind: "joined"; readonly parts: readonly Part[] }
  | { readonly kind: "value"; readonly bytes: Bytes }
  | { readonly kind: "mapped"; readonly mapped: NftMapped; readonly types: KeyTypes };

/** A set or a map of a rule's table. */
export interface OwnSet {
  /** Undefined if the library does not know it. */
  readonly type: SetType | undefined;
  /** The kind of objects that a map has. */
  readonly objectType?: number | undefined;
  /** Its elements, if it belongs to a rule alone; undefined of one with a name of its own. */
  readonly elements: readonly (NftElement | NftMapElement)[] | undefined;
  /** The same as bytes. */
  readonly raw?: (() => NftRawSet) | undefined;
}

/** The sets of a rule's table. */
export type OwnSets = (name: string) => OwnSet | undefined;

/** The registers by their numbers. */
export class Registers {
  readonly #held = new Map<number, Register>();
  readonly #sets: OwnSets;

  /** The rule looks up in `sets`. */
  constructor(sets: OwnSets) {
    this.#sets = sets;
  }

  /** What a register holds. */
  get(register: number | undefined): Register | undefined {
    return register === undefined ? undefined : this.#held.get(register);
  }

  /** A register holds something else now. */
  set(register: number, value: Register): void {
    this.#held.set(register, value);
  }

  /** Nothing is known of any register. */
  clear(): void {
    this.#held.clear();
  }

  /** The part of the packet that a register holds. */
  selector(register: number): Part | undefined {
    const found = this.get(register);
    return found?.kind === "selector" ? found : undefined;
  }

  /** The value that a register holds. */
  value(register: number | undefined): Bytes | undefined {
    const found = this.get(register);
    return found?.kind === "value" ? found.bytes : undefined;
  }

  /** What a set or a map is asked for, in registers from one on; undefined if the library does not know it. */
  keyIn(set: string, register: number): NftLeft | undefined {
    const first = this.selector(register);
    const types = this.#sets(set)?.type?.key ?? (first === undefined ? [] : [first.type]);
    if (types.length === 1) {
      if (first?.mask === undefined) return first?.selector;
      return { "&": [first.selector, flagsOf(first.type, first.mask)] };
    }
    let word = wordOf(register);
    const concat: NftSelector[] = [];
    for (const { size } of types) {
      const part = this.selector(registerOf(word));
      if (part === undefined || part.mask !== undefined || part.length !== size) return undefined;
      concat.push(part.selector);
      word += wordsOf(size);
    }
    return concat.length === 0 ? undefined : { concat };
  }

  /** A value in one register, a range in two, or what a map has. */
  ends(
    type: Datatype,
    first: number | undefined,
    last: number | undefined,
  ): NftScalar | NftRange | NftMapped | undefined {
    const found = this.get(first);
    if (found?.kind === "mapped") return found.mapped;
    const [from, to] = [this.value(first), this.value(last)];
    if (from === undefined) return undefined;
    const low = type.decode(from.subarray(0, type.size));
    const high = to === undefined ? low : type.decode(to.subarray(0, type.size));
    return low === high ? low : { range: [low, high] };
  }
}
