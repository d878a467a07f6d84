/** The container runtimes at the endpoints of this machine. */
import { identityOf, statusAt, SyscallError, tryUnixSocket } from "../../../ffi/mod.ts";
import { reasonOf } from "../../errors.ts";
import { clientOf, type ContainerRuntime } from "../../microservices/client/client.ts";
import { obstacleTo } from "../../microservices/endpoints/socket_access.ts";
import type { Endpoint } from "../../microservices/endpoints/endpoint.ts";
import { endpointsBy } from "../../microservices/endpoints/endpoints.ts";
import { Inspector } from "../../microservices/inspector.ts";
import { ContainerRegistry } from "../../microservices/running_containers.ts";
import { failed, type Finding, ok, refused, type Topic, type Verdict, warning } from "../check.ts";
import { counted } from "../phrases.ts";

/** How long a runtime may take to answer, in milliseconds. */
const TIMEOUT = 5000;

/** What an endpoint is. */
type Outcome =
  | Answer
  | { readonly kind: "absent" }
  | { readonly kind: "same"; readonly as: string }
  | { readonly kind: "refused"; readonly verdict: Verdict };

interface Answer {
  readonly kind: "answers";
  readonly client: ContainerRuntime;
  /** The ids of the containers that run. */
  readonly containers: readonly string[];
}

interface TriedEndpoint {
  readonly endpoint: Endpoint;
  readonly outcome: Outcome;
}

/** Each endpoint, and whether one of them answers. */
export function containersTopic(): Topic {
  return { title: "Container runtime", examine };
}

async function examine(): Promise<readonly Finding[]> {
  const tried: TriedEndpoint[] = [];
  const sockets = new Map<string, string>();
  for (const endpoint of await endpointsBy({})()) {
    tried.push({ endpoint, outcome: await tryEndpoint(endpoint, sockets) });
  }
  const answer = tried.map(({ outcome }) => outcome).find((outcome) => outcome.kind === "answers");
  const answering = answer?.client.endpoint;
  return [
    ...tried.map(({ endpoint, outcome }) => ({ check: endpoint.name, ...verdictOn(outcome, answering !== undefined) })),
    { check: "container runtime", ...summary(answering, tried) },
    ...answer === undefined || answer.containers.length === 0 ? [] : [await identities(answer)],
  ];
}

/** Whether the processes that the runtime names are its containers'. */
async function identities({ client, containers }: Answer): Promise<Finding> {
  return { check: "network namespaces of containers", ...await verdictOnIdentities(client, containers.length) };
}

async function verdictOnIdentities(client: ContainerRuntime, count: number): Promise<Verdict> {
  const registry = new ContainerRegistry();
  try {
    await new Inspector(registry).inspectAll(client, AbortSignal.timeout(TIMEOUT));
    const refused = [...registry.refused.values()].map(({ reason }) => reason);
    const [first] = refused;
    if (first === undefined) return ok("each is proved to be the container's");
    return warning(count === 1 ? first : `${refused.length} of ${counted(count, "container")} are refused: ${first}`);
  } catch (error) {
    return warning(`not proved: ${reasonWithin(error)}`);
  } finally {
    registry.clear();
  }
}

/** The reason of a failure; the time limit of a request has no message of its own. */
function reasonWithin(error: unknown): string {
  const isLate = error instanceof Error && error.name === "TimeoutError";
  return isLate ? `no answer in ${TIMEOUT / 1000} s` : reasonOf(error);
}

function summary(answering: string | undefined, tried: readonly TriedEndpoint[]): Verdict {
  if (answering !== undefined) return ok(answering);
  const detail = "none answers: MICROSERVICE:label does not work, the rest does";
  // A single endpoint is one that the user chose.
  if (tried.length === 1) {
    return failed(detail, "correct DOCKER_HOST or the context, or unset it for the usual sockets");
  }
  return warning(detail, "start Docker or Podman (podman system service), or set DOCKER_HOST to its address");
}

function verdictOn(outcome: Outcome, anotherAnswers: boolean): Verdict {
  if (outcome.kind === "answers") {
    const { length } = outcome.containers;
    return ok(`answers; ${counted(length, "container")} ${length === 1 ? "runs" : "run"}`);
  }
  if (outcome.kind === "same") return ok(`the same socket as ${outcome.as}`);
  if (outcome.kind === "refused") return outcome.verdict;
  return anotherAnswers ? ok("there is no such socket, and it is not needed") : warning("there is no such socket");
}

/** Tries an endpoint; `sockets` has the name of each socket that was tried before, by its identity. */
async function tryEndpoint(endpoint: Endpoint, sockets: Map<string, string>): Promise<Outcome> {
  const obstacle = obstacleTo(endpoint);
  if (obstacle?.kind === "absent") return { kind: "absent" };
  if (obstacle !== undefined) return { kind: "refused", verdict: warning(obstacle.reason, obstacle.remedy) };
  const { name, transport } = endpoint;
  if (transport.type === "unix") {
    const outcome = trySocket(transport.path, name, sockets);
    if (outcome !== undefined) return outcome;
  }
  try {
    const client = await clientOf(endpoint);
    return { kind: "answers", client, containers: await client.running(AbortSignal.timeout(TIMEOUT)) };
  } catch (error) {
    const reason = reasonWithin(error);
    const detail = transport.type === "unix" ? `connected, but the list of containers failed: ${reason}` : reason;
    return { kind: "refused", verdict: warning(detail, "check that Docker or Podman listens there") };
  }
}

/** The outcome of a local socket that cannot be used or was tried before; undefined if it accepts a connection. */
function trySocket(path: string, name: string, sockets: Map<string, string>): Outcome | undefined {
  try {
    const identity = identityOf(statusAt(path));
    const earlier = sockets.get(identity);
    if (earlier !== undefined) return { kind: "same", as: earlier };
    sockets.set(identity, name);
    tryUnixSocket(path);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return { kind: "refused", verdict: refused(error, "warning", REMEDIES.get(error.code)) };
  }
}

/** What to do about a socket that exists. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "no process listens there: start the daemon, or remove the socket"],
  ["EAGAIN", "it does not accept connections: the daemon hangs or is overloaded"],
]);
