/** The threads of this process. */
import { printable } from "../../ffi/mod.ts";
import { auditThreads } from "../netns/threads.ts";
import { failed, ok, type Section, section, type Verdict } from "./check.ts";

/** Whether every thread is in the namespace in which the process began, now that all has been tried. */
export function threadsSection(): Section {
  return section("Threads", [{ name: "threads", look: threadsVerdict }]);
}

function threadsVerdict(): Verdict {
  const threads = auditThreads();
  const away = threads.filter(({ home }) => !home);
  if (away.length === 0) return ok(`all ${threads.length} are at home`);
  const list = away.map(({ tid, name, inode }) => `${tid} (${printable(name)}) in net:[${inode}]`).join(", ");
  return failed(`${away.length} of ${threads.length} are away from home: ${list}`, "restart the process");
}
