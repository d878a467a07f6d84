/** Keeps the results of a function of a text. */

/** How many results are kept of each function. */
const LIMIT = 256;

/** `make` with its latest results kept: for texts of which there are few, and which come again and again. */
export function memoize<T>(make: (text: string) => T): (text: string) => T {
  const values = new Map<string, T>();
  return (text) => {
    let value = values.get(text);
    if (value === undefined) {
      value = make(text);
      if (values.size === LIMIT) values.clear();
      values.set(text, value);
    }
    return value;
  };
}
