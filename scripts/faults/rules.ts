/** Which calls are the library's, what it may be content with, and where an error may name something else. */
import { type Call, pageOf } from "./strace.ts";
import type { Errno } from "../../test/errnos.ts";

/** A call that need not be answered by exit status 1 and an error with its name. */
export interface Rule {
  /** The names of the man pages. */
  readonly pages: readonly string[];
  /** What the call is about; anything if it is not given. */
  readonly path?: RegExp;
  /** With which errors; all if it is not given. */
  readonly errnos?: readonly Errno[];
  /**
   * `"done"`: the work is done all the same, and the command succeeds. `"said"`: it fails, and says so in these words.
   * `"bad use"`: so it does, with exit status 2.
   */
  readonly answer: "done" | { readonly said: RegExp } | { readonly badUse: RegExp };
  readonly why: string;
}

/** What the library opens and changes; everything else is the runtime's. */
const OURS =
  /^(\/var)?\/run\/netns(\/|$)|^\/run\/netns-apply(\/|$)|^\/proc\/[^/]+\/(ns\/net|status)$|^\/proc$|(faults|adopted)\.yaml$|^net:\[/;
/** The report of the command. */
const STDOUT = /^stdout$/;
/** These the runtimes do not make. */
const ALWAYS_OURS: ReadonlySet<string> = new Set(["unshare", "setns", "mount", "umount2"]);

/** Says of each call of a run whether it is the library's. */
export function oursAmong(calls: readonly Call[]): (call: Call) => boolean {
  const sockets = new Set<string>();
  for (const { name, args, result } of calls) {
    const [, path = ""] = /<(.*)>/.exec(result) ?? [];
    if (name === "socket" && args.startsWith("AF_NETLINK")) sockets.add(path);
  }
  return (call) => {
    if (ALWAYS_OURS.has(call.name)) return true;
    if (call.name === "socket") return call.args.startsWith("AF_NETLINK");
    if (call.name === "write") return call.args.startsWith("1<") || call.paths.some((path) => OURS.test(path));
    if (call.name === "ioctl" && call.args.includes("TCGETS")) return false;
    return call.paths.some((path) => OURS.test(path) || sockets.has(path));
  };
}

/** The file that is applied, which the runtime reads. */
const FILE = /(faults|adopted)\.yaml$/;
/** What apply remembers, which the runtime reads and writes. */
const MEMORY = /^\/run\/netns-apply/;

/** The rules; where several fit, one of their answers is wanted. */
export const RULES: readonly Rule[] = [
  {
    pages: ["open", "read", "statx"],
    path: FILE,
    answer: { badUse: /^error: Cannot read .*\.yaml: / },
    why: "a FILE that cannot be read is bad use, and called by its name",
  },
  {
    pages: ["open", "read", "statx"],
    path: FILE,
    answer: "done",
    why: "destroy does without a FILE that cannot be read, and says so",
  },
  {
    pages: ["open"],
    path: MEMORY,
    errnos: ["ELOOP"],
    answer: { said: /it is a symbolic link/ },
    why: "this is how O_NOFOLLOW ends",
  },
  {
    pages: ["open", "fcntl"],
    path: /^\/proc\/thread-self\/ns\/net$|^net:\[/,
    answer: "done",
    why: "where not all namespaces can be entered at once, each is entered by itself",
  },
  {
    pages: ["socket", "setns", "setsockopt"],
    answer: "done",
    why: "where not all namespaces can be entered at once, each is entered by itself",
  },
  {
    pages: ["write"],
    path: STDOUT,
    errnos: ["EPIPE"],
    answer: "done",
    why: "the reader of the report has gone: an end",
  },
  {
    pages: ["write"],
    path: STDOUT,
    answer: { said: /standard output/ },
    why: "the report is no file that a call could be named with",
  },
  {
    pages: ["open", "read"],
    path: /^\/proc\/[^/]+\/status$/,
    answer: "done",
    why: "it is only a look at the capabilities, for a better word than the kernel's, which has the last",
  },
  {
    pages: ["open", "read", "write", "flock", "send", "recvfrom"],
    errnos: ["EINTR"],
    answer: "done",
    why: "it is made again",
  },
  {
    pages: ["statfs", "open", "ioctl"],
    path: /^(\/var)?\/run\/netns\//,
    answer: "done",
    why:
      "links on those that go are looked for in all that have a name, and one that cannot be entered is done without",
  },
  {
    pages: ["statx"],
    path: /faults\.(yaml|json)$|^\/run\/netns-apply$/,
    errnos: ["EINVAL", "EPERM", "ENOSYS", "EOPNOTSUPP"],
    answer: "done",
    why: "Node takes it for a kernel that lacks the call, and makes an older one",
  },
  {
    pages: ["statx"],
    path: MEMORY,
    answer: { said: /\b(mkdir|statx?|lstat|fstat|rm|open|unlink)\b/ },
    why: "the runtime looks at what is there on behalf of another call, and names that",
  },
  { pages: ["statx"], path: MEMORY, answer: "done", why: "or the runtime makes the other call all the same" },
  {
    pages: ["statx"],
    path: /^\/proc\/[^/]+\/ns\/net$/,
    errnos: ["ENOENT", "EACCES", "EPERM"],
    answer: "done",
    why: "a process that has ended, or may not be looked at, is passed over",
  },
  {
    pages: ["mkdir"],
    path: /^\/run\/netns-apply$/,
    answer: "done",
    why: "where the directory cannot be made the runtime looks whether it is there, and is content with that",
  },
  {
    pages: ["fcntl"],
    path: /faults\.yaml$|^\/run\/netns-apply/,
    answer: "done",
    why: "the runtime's own question about a file that it opened; without an answer it goes on",
  },
  {
    pages: ["recvfrom"],
    errnos: ["EAGAIN"],
    answer: { said: /no answer in \d+ s/ },
    why: "this is how a time limit ends",
  },
  {
    pages: ["send", "recvfrom"],
    answer: "done",
    why:
      "links are made also where it cannot be asked which numbers are free, or not by all at once, and deleted singly",
  },
  {
    pages: ["unlink"],
    path: /^(\/var)?\/run\/netns\//,
    errnos: ["EBUSY"],
    answer: "done",
    why: "after a namespace was unmounted there it means that another was below it: it is looked at again",
  },
  {
    pages: ["statx"],
    path: /^(\/var)?\/run\/netns\/[^/]+$/,
    answer: "done",
    why: "where there is no namespace it is looked whether a symbolic link is in its place, for a better word",
  },
  { pages: ["setsockopt"], errnos: ["ENOPROTOOPT"], answer: "done", why: "an older kernel may lack the option" },
];

/** What is wanted where a call fails with `errno`; without an answer, exit status 1 and an error that names the call. */
export function answersTo(call: Call, errno: string): Rule["answer"][] {
  const paths = call.args.startsWith("1<") ? ["stdout"] : call.paths;
  return RULES.filter(({ pages, path, errnos }) =>
    pages.includes(pageOf(call)) && (path === undefined || paths.some((one) => path.test(one))) &&
    (errnos === undefined || errnos.some((one) => one === errno))
  ).map(({ answer }) => answer);
}
