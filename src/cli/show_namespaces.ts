/** What `netns show` does. */
import { dump } from "npm:js-yaml@5.5.0";
import { Configurator, unreadableState } from "../configurator/configurator.ts";
import { show } from "../configurator/show/show.ts";
import type { ObjectRecord } from "../configurator/ownership/records.ts";
import { FileStateStore } from "../configurator/store/file.ts";
import { StateFileError } from "../errors.ts";
import { MicroserviceCtx } from "../microservices/microservice.ts";
import { inspectNamedNamespaces, isLive } from "../named/list.ts";
import { absoluteNamespace } from "../models/beside.ts";
import { namedNs, type Namespace } from "../namespace.ts";
import { NsHandler } from "../ns_handler.ts";
import type { JsonOptions } from "./arguments.ts";
import type { Io } from "./io.ts";
import { jsonText } from "./json_text.ts";
import { oneLine } from "./terminal/escape.ts";

/** What the configurations own, by their names, and a line for each of which that is not known: its state is damaged. */
async function ownedBy(
  store: FileStateStore,
): Promise<{ readonly records: ReadonlyMap<string, readonly ObjectRecord[]>; readonly unknown: readonly string[] }> {
  const records = new Map<string, readonly ObjectRecord[]>();
  const unknown: string[] = [];
  for (const name of await store.names()) {
    try {
      records.set(name, (await store.load(name))?.records ?? []);
    } catch (error) {
      if (!(error instanceof StateFileError)) throw error;
      unknown.push(unreadableState({ name, reason: `${error.path}: ${error.reason}` }));
    }
  }
  return { records, unknown };
}

/** Prints what is in `namespaces`, or in all that have a name; what is not in the file goes to standard error. */
export async function showNamespaces(namespaces: readonly Namespace[], { json }: JsonOptions, io: Io): Promise<void> {
  const wanted = namespaces.length > 0
    ? namespaces.map(absoluteNamespace)
    : inspectNamedNamespaces().filter(isLive).map(({ name }) => namedNs(name));
  await using handler = new NsHandler();
  if (wanted.some(({ type }) => type === "microservice")) await handler.handleMicroservices(new MicroserviceCtx());
  const { records, unknown } = await ownedBy(new FileStateStore());
  const { config, omitted, owners } = await show(
    handler,
    new Configurator(handler),
    wanted,
    [...records.keys()],
    records,
  );
  const missing = omitted.map((line) => oneLine(line));
  const owned = [
    ...owners.map((one) =>
      `contains what the configuration ${JSON.stringify(one)} owns: on this machine, a plan of this file fails for that`
    ),
    ...unknown.map((line) => oneLine(line)),
  ];
  for (const line of missing) io.complain(`warning: not shown: ${line}`);
  for (const line of owned) io.complain(`warning: ${line}`);
  const filled = Object.fromEntries(Object.entries(config).filter(([, value]) => value.length > 0));
  if (json) return io.print(jsonText(filled));
  // The file itself says what is not in it: it may be read without what this command wrote beside it.
  const comments = [...missing.map((line) => `not described: ${line}`), ...owned].map((line) => `# ${line}`);
  io.print([...comments, dump(filled, { lineWidth: -1 }).trimEnd()].join("\n"));
}
