/** The container runtimes: each endpoint at which one may listen is tried. */
import { identityOf, statusAt, SyscallError, tryUnixSocket } from "../../ffi/mod.ts";
import { reasonOf } from "../errors.ts";
import { clientOf } from "../microservices/client/client.ts";
import { obstacleTo } from "../microservices/endpoints/access.ts";
import type { Endpoint } from "../microservices/endpoints/endpoint.ts";
import { endpointsBy } from "../microservices/endpoints/endpoints.ts";
import { failed, type Finding, ok, refused, type Section, type Verdict, warning } from "./check.ts";

/** How long a runtime may take to answer, in milliseconds. */
const PATIENCE = 5000;

/** What came of trying an endpoint. */
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
  const tried: Tried[] = [];
  const seen = new Map<string, string>();
  for (const endpoint of await endpointsBy({})()) tried.push({ endpoint, outcome: await tryEndpoint(endpoint, seen) });
  const answering = tried.find(({ outcome }) => outcome.kind === "answers")?.endpoint.name;
  return [
    ...tried.map(({ endpoint, outcome }) => ({ check: endpoint.name, ...verdictOn(outcome, answering !== undefined) })),
    { check: "container runtime", ...summary(answering, tried) },
  ];
}

function summary(answering: string | undefined, tried: readonly Tried[]): Verdict {
  if (answering !== undefined) return ok(answering);
  const detail = "none answers: MICROSERVICE:label cannot be used, the rest can";
  // One endpoint is the one that the user chose.
  if (tried.length === 1) {
    return failed(detail, "correct DOCKER_HOST or the context, or unset it for the usual sockets");
  }
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

/** Tries an endpoint; `seen` has the sockets that were tried before, by what they are. */
async function tryEndpoint(endpoint: Endpoint, seen: Map<string, string>): Promise<Outcome> {
  const obstacle = obstacleTo(endpoint);
  if (obstacle?.kind === "absent") return { kind: "absent" };
  if (obstacle !== undefined) return { kind: "refused", verdict: warning(obstacle.reason, obstacle.remedy) };
  const { name, transport } = endpoint;
  if (transport.type === "unix") {
    const outcome = trySocket(transport.path, name, seen);
    if (outcome !== undefined) return outcome;
  }
  try {
    const runtime = await clientOf(endpoint);
    return { kind: "answers", containers: (await runtime.running(AbortSignal.timeout(PATIENCE))).length };
  } catch (error) {
    const late = error instanceof Error && error.name === "TimeoutError";
    const reason = late ? `no answer in ${PATIENCE / 1000} s` : reasonOf(error);
    const detail = transport.type !== "unix" ? reason : `connected, but asked for its containers: ${reason}`;
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
    return { kind: "refused", verdict: refused(error, "warning", REMEDIES.get(error.code)) };
  }
}

/** What to do about a socket that is there. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "nobody listens there: start the daemon, or remove what an earlier one left"],
  ["EAGAIN", "it does not accept: the daemon hangs, or has too much to do"],
]);
