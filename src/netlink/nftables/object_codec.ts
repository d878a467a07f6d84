/** What a kind of named objects is. */
import type { NftFamily, NftNamed } from "./names.ts";

/** What an object has beside its name. */
export type OwnKeys<T> = Omit<T, keyof NftNamed | "comment">;

/** How objects of a kind are written and read. NFTA_OBJ_DATA. */
export interface ObjectCodec<T> {
  /** The keys that it has beside its name. */
  readonly keys: readonly string[];
  /**
   * The attributes of an object in a table of `family`.
   *
   * @throws {TypeError} A value in it is none.
   */
  encode(value: OwnKeys<T>, family: NftFamily, at: string): Uint8Array<ArrayBuffer>;
  /** What attributes say. */
  decode(bytes: Uint8Array): OwnKeys<T>;
}
