/** Results that are wanted again and again, kept for the texts that they were made of. */

/** How much is remembered of each kind. */
const MOST_REMEMBERED = 256;

/** `make`, which is not called again for texts for which it was called lately: they are few and come again and again. */
export function remembered<T>(make: (text: string) => T): (text: string) => T {
  const values = new Map<string, T>();
  return (text) => {
    let value = values.get(text);
    if (value === undefined) {
      value = make(text);
      if (values.size === MOST_REMEMBERED) values.clear();
      values.set(text, value);
    }
    return value;
  };
}
