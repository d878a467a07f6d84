/** Opening the namespace NS of a command. */
import { match } from "npm:ts-pattern@5.9.2";
import { MicroserviceCtx } from "../microservices/microservice.ts";
import type { Namespace } from "../namespace.ts";
import { NsHandle } from "../netns/handle.ts";

/**
 * Opens a namespace that exists; none is made.
 *
 * @throws {InvalidNamespaceError} A file of another kind.
 * @throws {SyscallError} There is no such name, process or file.
 * @throws {UnavailableMicroserviceError} No container with the label runs.
 */
export function openNamespace(ns: Namespace): NsHandle | Promise<NsHandle> {
  return match(ns)
    .with({ type: "named" }, ({ name }) => NsHandle.fromName(name))
    .with({ type: "pid" }, ({ pid }) => NsHandle.fromPid(pid))
    .with({ type: "file" }, ({ path }) => NsHandle.fromPath(path))
    .with({ type: "microservice" }, openMicroservice)
    .exhaustive();
}

/** Only the container runtime knows where that is. */
async function openMicroservice(ns: Namespace): Promise<NsHandle> {
  const { handlerOfCommand } = await import("./handler.ts");
  await using handler = handlerOfCommand();
  await handler.handleMicroservices(new MicroserviceCtx());
  return handler.getOrCreateNamespace(ns);
}
