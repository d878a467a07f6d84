/** What earlier applies remembered. */
import { printable, readDirectory } from "../../ffi/mod.ts";
import { FileStateStore, STATE_DIR } from "../configurator/store/file.ts";
import { ConfigError, reasonOf } from "../errors.ts";
import { ok, type Section, section, type Verdict, warning } from "./check.ts";
import { directoryAt, directoryVerdict } from "./directories.ts";
import { listed } from "./names.ts";

/** The directory of what was applied, and the files in it. */
export function stateSection(directory: string = STATE_DIR): Section {
  return section("State of apply", [
    { name: directory, look: () => directoryVerdict(directory, "the first `netns apply`") },
    { name: "configurations", look: () => filesVerdict(directory) },
  ]);
}

async function filesVerdict(directory: string): Promise<Verdict> {
  if (directoryAt(directory) === undefined) return ok("none was applied");
  const files = readDirectory(directory).sort();
  const names = files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length));
  const left = files.filter((file) => file.endsWith(".tmp"));
  const faults = await unreadable(directory, names);
  if (faults.length > 0) return warning(listed(faults, 3), "remove a damaged file to go on without its memory");
  const seen = names.length === 0 ? "none" : listed(names.map(printable));
  if (left.length === 0) return ok(seen);
  return warning(`${seen}; left by a crash: ${listed(left.map(printable))}`, `rm ${printable(directory)}/*.tmp`);
}

async function unreadable(directory: string, names: readonly string[]): Promise<string[]> {
  const store = new FileStateStore(directory);
  const faults: string[] = [];
  for (const name of names) {
    try {
      await store.load(name);
    } catch (error) {
      const what = error instanceof ConfigError ? "is damaged" : `cannot be read: ${reasonOf(error)}`;
      faults.push(`${printable(`${name}.json`)} ${what}`);
    }
  }
  return faults;
}
