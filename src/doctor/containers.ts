/** The container runtimes: each place where one may listen is tried. */
import { environmentVariable, identityOf, statusAt, SyscallError, tryUnixSocket } from "../../ffi/mod.ts";
import { dockerAt } from "../microservices/docker.ts";
import { type Endpoint, endpoints } from "../microservices/endpoints.ts";
import { reasonOf } from "../errors.ts";
import { failed, type Finding, ok, refused, type Section, type Verdict, warning } from "./check.ts";

/** How long a runtime may take to answer, in milliseconds. */
const PATIENCE = 5000;

/** What came of trying a place. */
type Outcome =
  | { readonly kind: "answers"; readonly containers: number }
  | { readonly kind: "absent" }
  | { readonly kind: "same"; readonly as: string }
  | { readonly kind: "refused"; readonly verdict: Verdict };

interface Tried {
  readonly endpoint: Endpoint;
  readonly outcome: Outcome;
}

/** Where a container runtime is looked for, and which of them answers. */
export function containersSection(): Section {
  return { title: "Container runtime", examine };
}

async function examine(): Promise<readonly Finding[]> {
  const given = environmentVariable("DOCKER_HOST") ?? "";
  const tried: Tried[] = [];
  const seen = new Map<string, string>();
  for (const endpoint of endpoints({})) tried.push({ endpoint, outcome: await tryEndpoint(endpoint, seen) });
  const answering = tried.find(({ outcome }) => outcome.kind === "answers")?.endpoint.name;
  return [
    ...tried.map(({ endpoint, outcome }) => ({ check: endpoint.name, ...verdictOn(outcome, answering !== undefined) })),
    { check: "container runtime", ...summary(answering, given) },
  ];
}

function summary(answering: string | undefined, given: string): Verdict {
  if (answering !== undefined) return ok(answering);
  const detail = "none answers: MICROSERVICE:label cannot be used, the rest can";
  if (given !== "") return failed(detail, "set DOCKER_HOST to where it listens, or unset it for the usual places");
  return warning(detail, "start Docker or Podman (podman system service), or set DOCKER_HOST to where it listens");
}

function verdictOn(outcome: Outcome, another: boolean): Verdict {
  if (outcome.kind === "answers") {
    return ok(`it answers; ${outcome.containers} ${outcome.containers === 1 ? "container runs" : "containers run"}`);
  }
  if (outcome.kind === "same") return ok(`the same socket as ${outcome.as}`);
  if (outcome.kind === "refused") return outcome.verdict;
  return another ? ok("not there, and not needed") : warning("not there");
}

/** Tries a place; `seen` has the sockets that were tried before, by what they are. */
async function tryEndpoint(endpoint: Endpoint, seen: Map<string, string>): Promise<Outcome> {
  const { name, path } = endpoint;
  if (path !== undefined) {
    const outcome = trySocket(path, name, seen);
    if (outcome !== undefined) return outcome;
  }
  try {
    const runtime = await dockerAt(endpoint);
    return { kind: "answers", containers: (await runtime.running(AbortSignal.timeout(PATIENCE))).length };
  } catch (error) {
    const late = error instanceof Error && error.name === "TimeoutError";
    const reason = late ? `no answer in ${PATIENCE / 1000} s` : reasonOf(error);
    const detail = path === undefined ? reason : `connected, but asked for its containers: ${reason}`;
    return { kind: "refused", verdict: warning(detail, "is it Docker or Podman that listens there?") };
  }
}

/** Why nothing can be asked at a socket of this machine; undefined if somebody listens there. */
function trySocket(path: string, name: string, seen: Map<string, string>): Outcome | undefined {
  try {
    const socket = identityOf(statusAt(path));
    const before = seen.get(socket);
    if (before !== undefined) return { kind: "same", as: before };
    seen.set(socket, name);
    tryUnixSocket(path);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    if (error.code === "ENOENT") return { kind: "absent" };
    return { kind: "refused", verdict: refused(error, "warning", REMEDIES.get(error.code)) };
  }
}

/** What to do about a socket that is there. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "nobody listens there: start the daemon, or remove what an earlier one left"],
  ["EACCES", "run as root (sudo), or as a member of the group that the socket belongs to"],
  ["EAGAIN", "it does not accept: the daemon hangs, or has too much to do"],
]);
