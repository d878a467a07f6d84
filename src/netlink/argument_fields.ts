/** The fields that an argument may have. One from untyped code can have others, which the kernel would never see. */
import { shown } from "../errors.ts";
import { nearest } from "../suggest.ts";

/** The keys of a type; of a union, those of each member. */
type KeysOf<T> = T extends unknown ? keyof T & string : never;

/**
 * Makes a check that an object has no fields but these.
 *
 * @param what What an error calls the object: `"a route"`.
 * @param names Each key of `T`, so that a field that is forgotten does not compile.
 * @returns The check; it throws a {@linkcode TypeError} that names the field and the ones that there are.
 */
export function fieldsOf<T extends object>(
  what: string,
  names: Readonly<Record<KeysOf<T>, true>>,
): (given: T) => void {
  const known: ReadonlySet<string> = new Set(Object.keys(names));
  return (given) => {
    // for-in over a string or a number would find nothing to refuse.
    if (typeof given !== "object" || given === null) {
      throw new TypeError(`Cannot use ${shown(given)} as ${what}: expected an object`);
    }
    for (const key in given) if (!known.has(key)) throw unknownField(key, what, known);
  };
}

function unknownField(key: string, what: string, known: ReadonlySet<string>): TypeError {
  const close = nearest(key, [...known]);
  return new TypeError(
    `Cannot use ${shown(key)} as a field of ${what}: expected ${[...known].join(", ")}` +
      (close === undefined ? "" : `; did you mean ${close}?`),
  );
}
