/** The stored state of earlier applies, and what each configuration owns. */
import { printable, readDirectory } from "../../../ffi/mod.ts";
import { type Survey, survey } from "../../configurator/ownership/survey.ts";
import type { ConfigurationState } from "../../configurator/ownership/state.ts";
import { FileStateStore, STATE_DIR } from "../../configurator/store/file.ts";
import { isAvailable } from "../../configurator/observed/observed_namespace.ts";
import { forwardDrops } from "../../configurator/plan/forward_drops.ts";
import { tableName } from "../../configurator/plan/table_rules.ts";
import { madeUplinks } from "../../configurator/plan/uplinks.ts";
import { PlanSession } from "../../configurator/plan_session.ts";
import { NsHandler } from "../../ns_handler.ts";
import { StateFileError, SyscallError } from "../../errors.ts";
import { failed, type Finding, ok, runCheck, type Topic, type Verdict, warning } from "../check.ts";
import { directoryVerdict, statusIfThere } from "../directories.ts";
import { counted, firstOf } from "../phrases.ts";

/** How many lost or foreign objects a finding names. */
const SHOWN = 3;

/** The directory of applied states, its files, and each configuration. */
export function stateTopic(directory: string = STATE_DIR): Topic {
  return { title: "State of apply", examine: () => examine(directory) };
}

async function examine(directory: string): Promise<readonly Finding[]> {
  const findings = [
    await runCheck({ name: directory, run: () => directoryVerdict(directory, "the first `netns apply`") }),
    await runCheck({ name: "configurations", run: () => filesVerdict(directory) }),
  ];
  const store = new FileStateStore(directory);
  for (const name of await namesIn(store)) {
    findings.push(
      await runCheck({
        name: `configuration ${printable(name)}`,
        run: async () => {
          try {
            return await configurationVerdict(name, await store.load(name));
          } catch (error) {
            if (!(error instanceof StateFileError)) throw error;
            return failed(error.reason, "look at the file, and remove it to continue without its state");
          }
        },
      }),
    );
  }
  return findings;
}

async function namesIn(store: FileStateStore): Promise<readonly string[]> {
  try {
    return await store.names();
  } catch (error) {
    if (error instanceof SyscallError) return []; // the check before has said why
    throw error;
  }
}

function filesVerdict(directory: string): Verdict {
  if (statusIfThere(directory) === undefined) return ok("nothing was applied");
  const files = readDirectory(directory).sort();
  const names = files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length));
  const temporary = files.filter((file) => file.endsWith(".tmp"));
  const applied = names.length === 0 ? "none" : firstOf(names.map(printable));
  if (temporary.length === 0) return ok(applied);
  return warning(
    `${applied}; left by a crash: ${firstOf(temporary.map(printable))}`,
    `rm ${printable(directory)}/*.tmp`,
  );
}

async function configurationVerdict(name: string, state: ConfigurationState | undefined): Promise<Verdict> {
  if (state === undefined) return ok("destroyed just now");
  await using handler = new NsHandler();
  using planning = PlanSession.toLookAt(handler, state);
  const verdict = verdictOn(survey(planning.claims), state.path);
  const home = planning.namespaces.namespaceOf();
  const [dropped] = isAvailable(home)
    ? madeUplinks(planning.claims).flatMap((one) => forwardDrops(home.tables() ?? [], one, tableName(name)))
    : [];
  if (dropped === undefined || verdict.status !== "ok") return verdict;
  return warning(`${verdict.detail}; ${printable(dropped.what)}`, printable(dropped.remedy));
}

/** What a configuration owns; a warning if something of it was taken away or replaced by somebody else. */
function verdictOn(
  { namespaces, links, routes, neighbours, tables, qdiscs, files, gone, foreign }: Survey,
  path: string | undefined,
): Verdict {
  const owned =
    `owns ${counted(namespaces, "namespace")}, ${counted(links, "link")}, ${counted(routes, "route")} and ` +
    `${counted(neighbours, "neighbour")}${tables === 0 ? "" : `, ${counted(tables, "table")} of nf_tables`}${
      qdiscs === 0 ? "" : `, ${counted(qdiscs, "impairment")}`
    }${files === 0 ? "" : `, ${counted(files, "file")}`}${path === undefined ? "" : `, from ${printable(path)}`}`;
  if (gone.length + foreign.length === 0) return ok(owned);
  const lost = [
    ...foreign.length === 0 ? [] : [`somebody else's by now: ${firstOf(foreign.map(printable), SHOWN)}`],
    ...gone.length === 0 ? [] : [`gone: ${firstOf(gone.map(printable), SHOWN)}`],
  ];
  return warning(
    `${owned}; ${lost.join("; ")}`,
    "apply it again, which makes what is gone; apply --adopt takes over what is somebody else's",
  );
}
