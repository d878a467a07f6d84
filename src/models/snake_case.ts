/** The two spellings of a field: camelCase, as JSON of protobuf has it, and snake_case, as a .proto file has it. */

/** `hostIfName` as protobuf writes it in a .proto file: `host_if_name`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
