/** Suites with a real container runtime. */
import process from "node:process";
import { describe } from "@std/testing/bdd";
import { DOCKER, type Kind, obstacle, PODMAN, Service } from "./service.ts";

export { DOCKER, PODMAN, type Service };

/** Starts the runtime of a suite; `options` are further words for the service. */
export type Open = (options?: readonly string[]) => Promise<Service>;

/**
 * A suite for each container runtime, or for that which SERVICE in the environment names, as {@linkcode describeService}
 * has it.
 */
export function describeServices(title: string, body: (open: Open, name: Kind["name"]) => void): void {
  const only = process.env["SERVICE"];
  for (const kind of [DOCKER, PODMAN]) {
    if (only === undefined || only === kind.name) describeService(kind, title, (open) => body(open, kind.name));
  }
}

/** The form of the command that is tried with a container runtime, where not every pair is. */
export function formWith(service: Kind["name"]): "Deno" | "Node" {
  return service === "Docker" ? "Deno" : "Node";
}

/**
 * A suite for one container runtime. One that is not installed is skipped with a notice; in CI the suite runs
 * nevertheless, and fails.
 */
export function describeService(kind: Kind, title: string, body: (open: Open) => void): void {
  const reason = obstacle(kind);
  const skip = reason !== undefined && process.env["CI"] !== "true";
  if (skip) console.warn(`notice: ${title} (${kind.name}) is skipped: ${reason}`);
  describe(`${title} (${kind.name})`, { skip }, () => body((options) => Service.open(kind, options)));
}
