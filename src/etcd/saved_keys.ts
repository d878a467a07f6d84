/** What an agent keeps of the cluster's keys over restarts: a file beside the states. */
import * as v from "npm:valibot@1.5.0";
import { makeStateDirectory, readStateFile, replaceStateFile } from "../configurator/store/state_file.ts";
import { defined } from "../collections.ts";
import { StateFileError } from "../errors.ts";
import { configNameOf } from "./keys.ts";
import type { SavedKeys } from "./known_keys.ts";

/** The version of the format that is written. */
const VERSION = 1;
/** The directory in that of the states. */
const FOLDER = "etcd";

const schema = v.object({
  version: v.literal(VERSION),
  cluster: v.optional(v.string()),
  revision: v.optional(v.number()),
  layouts: v.optional(v.record(v.string(), v.number())),
  held: v.optional(v.string()),
  values: v.record(v.string(), v.string()),
});

/** The file with the keys of one label. */
export class SavedKeysFile {
  readonly #directory: string;
  readonly #path: string;
  #last = "";
  /** Each value with its key as it stands in the file: few change from one time to the next. */
  #members = new Map<string, { readonly value: string; readonly text: string }>();

  /** `directory` is that of the states; this has one of its own in it. */
  constructor(directory: string, label: string) {
    this.#directory = `${directory}/${FOLDER}`;
    this.#path = `${this.#directory}/${configNameOf(label)}.json`;
  }

  /**
   * What was saved; undefined if nothing was.
   *
   * @throws {StateFileError} The file is not one that this class can have written.
   * @throws {SyscallError} It cannot be read.
   */
  load(): SavedKeys | undefined {
    const text = readStateFile(this.#path);
    if (text === undefined) return undefined;
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch (error) {
      throw new StateFileError(this.#path, "it is not JSON", { cause: error });
    }
    const result = v.safeParse(schema, document);
    if (!result.success) throw new StateFileError(this.#path, "it is not what an agent wrote");
    const { cluster, revision, layouts, held, values } = result.output;
    const position = cluster === undefined || revision === undefined
      ? undefined
      : defined({ cluster, revision, layouts });
    return { position, held, values: new Map(Object.entries(values)) };
  }

  /**
   * Replaces what was saved.
   *
   * @throws {SyscallError} It cannot be written: what was saved before is still there.
   */
  save({ position, held, values }: SavedKeys): void {
    const members = new Map<string, { readonly value: string; readonly text: string }>();
    for (const [key, value] of values) {
      const before = this.#members.get(key);
      const isSame = before?.value === value;
      members.set(key, isSame ? before : { value, text: `${JSON.stringify(key)}:${JSON.stringify(value)}` });
    }
    this.#members = members;
    const head = JSON.stringify({ version: VERSION, ...position, held }).slice(0, -1);
    const text = `${head},"values":{${Array.from(members.values(), ({ text }) => text).join()}}}`;
    if (text === this.#last) return;
    makeStateDirectory(this.#directory);
    replaceStateFile(this.#path, text);
    this.#last = text;
  }
}
