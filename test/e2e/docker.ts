/** Suites with a real container runtime. */
import process from "node:process";
import { describe } from "@std/testing/bdd";
import { DOCKER, type Kind, obstacle, PODMAN, Service } from "./service.ts";

export type { Service };

/**
 * A suite for each container runtime. One that is not installed is skipped with a notice; in CI the suite runs
 * nevertheless, and fails.
 */
export function describeServices(
  title: string,
  body: (open: () => Promise<Service>, name: Kind["name"]) => void,
): void {
  for (const kind of [DOCKER, PODMAN]) {
    const reason = obstacle(kind);
    const skip = reason !== undefined && process.env["CI"] !== "true";
    if (skip) console.warn(`notice: ${title} (${kind.name}) is skipped: ${reason}`);
    describe(`${title} (${kind.name})`, { skip }, () => body(() => Service.open(kind), kind.name));
  }
}
