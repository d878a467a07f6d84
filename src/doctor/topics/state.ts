/** The stored state of earlier applies. */
import { printable, readDirectory } from "../../../ffi/mod.ts";
import { FileStateStore, STATE_DIR } from "../../configurator/store/file.ts";
import { reasonOf, StateFileError } from "../../errors.ts";
import { ok, type Topic, topicOf, type Verdict, warning } from "../check.ts";
import { directoryVerdict, statusIfThere } from "../directories.ts";
import { firstOf } from "../phrases.ts";

/** The directory of applied states, and its files. */
export function stateTopic(directory: string = STATE_DIR): Topic {
  return topicOf("State of apply", [
    { name: directory, run: () => directoryVerdict(directory, "the first `netns apply`") },
    { name: "configurations", run: () => filesVerdict(directory) },
  ]);
}

async function filesVerdict(directory: string): Promise<Verdict> {
  if (statusIfThere(directory) === undefined) return ok("nothing was applied");
  const files = readDirectory(directory).sort();
  const names = files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length));
  const temporary = files.filter((file) => file.endsWith(".tmp"));
  const faults = await faultsOf(directory, names);
  if (faults.length > 0) {
    return warning(firstOf(faults, 3), "look at the file, and remove it to continue without its state");
  }
  const applied = names.length === 0 ? "none" : firstOf(names.map(printable));
  if (temporary.length === 0) return ok(applied);
  return warning(
    `${applied}; left by a crash: ${firstOf(temporary.map(printable))}`,
    `rm ${printable(directory)}/*.tmp`,
  );
}

async function faultsOf(directory: string, names: readonly string[]): Promise<string[]> {
  const store = new FileStateStore(directory);
  const faults: string[] = [];
  for (const name of names) {
    try {
      await store.load(name);
    } catch (error) {
      const reason = error instanceof StateFileError ? error.reason : reasonOf(error);
      faults.push(`${printable(`${name}.json`)}: ${reason}`);
    }
  }
  return faults;
}
