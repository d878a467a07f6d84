/** The threads of this process. */
import { printable } from "../../../ffi/mod.ts";
import { auditThreads } from "../../netns/threads.ts";
import { failed, ok, type Topic, topicOf, type Verdict } from "../check.ts";

/** Whether every thread that does more than compute is in the namespace in which the process began. */
export function threadsTopic(): Topic {
  return topicOf("Threads", [{ name: "threads", run: threadsVerdict }]);
}

function threadsVerdict(): Verdict {
  const threads = auditThreads();
  const away = threads.filter(({ home, computes }) => !home && !computes);
  if (away.length === 0) return ok(`all ${threads.length} are in the namespace of this process`);
  const list = away.map(({ tid, name, inode }) => `${tid} (${printable(name)}) in net:[${inode}]`).join(", ");
  return failed(`${away.length} of ${threads.length} are in another namespace: ${list}`, "restart the process");
}
