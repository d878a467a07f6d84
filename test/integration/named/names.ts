/** Names for tests of named namespaces. */

/** The file of a named namespace. */
export const pathOf = (name: string): string => `/var/run/netns/${name}`;

/** Names that no file can have. */
export const BAD_NAMES: readonly string[] = [
  "",
  ".",
  "..",
  "a/b",
  "/",
  "a\0b",
  "x".repeat(256),
  "é".repeat(128),
  "\ud800",
];
