/** Interfaces that fail or wait: what this configuration has of them stays as it is, and is its own. */
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { namespaceOfItem } from "../../models/references.ts";
import { isAvailable, type UnavailableNamespace } from "../observed/observed_namespace.ts";
import type { Refusal } from "../ownership/refusal.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { interfaceItem } from "../report.ts";
import type { Member } from "./link_type.ts";
import { removeClaimed } from "./remove_link.ts";

/** The links of these members cannot be made: what this configuration has of them stays as it is. */
export function refuse(builder: PlanBuilder, members: readonly Member[], refusal: Refusal): void {
  for (const { model } of members) {
    builder.fail(interfaceItem(model.name), refusal);
    builder.links.set(model.name, { reason: refusal.reason });
    keepRecordOf(builder, model);
  }
}

/** These interfaces wait. */
export function setAside(builder: PlanBuilder, models: readonly LinuxInterface[], reason: string): void {
  for (const model of models) {
    builder.wait(interfaceItem(model.name), reason);
    builder.links.set(model.name, { reason });
  }
}

/** What this configuration has of an interface stays as it is, and is its own. */
export function keepRecordOf(builder: PlanBuilder, { name }: LinuxInterface): void {
  const claimed = builder.input.claims.linkOfItem(interfaceItem(name));
  if (claimed === undefined || builder.isEnded(claimed.record)) return;
  builder.keep(claimed.record);
  for (const end of claimed.ends) if (end !== undefined) builder.effects.keep(end.namespace, end.link.index);
}

/** Sets every member aside, because the namespace of at least one of them is not available. */
export function setAllAside(builder: PlanBuilder, models: readonly LinuxInterface[]): void {
  const members = models.map((model) => ({ model, namespace: builder.input.namespaceOf(namespaceOfItem(model)) }));
  const unavailable = members.flatMap(({ model: { name }, namespace }): (UnavailableNamespace & { name: string })[] =>
    isAvailable(namespace) ? [] : [{ name, ...namespace }]
  );
  const [first] = unavailable;
  for (const { model, namespace } of members) {
    const why = isAvailable(namespace)
      ? {
        reason: `its peer ${first?.name}: ${first?.reason}`,
        broken: first?.broken ?? false,
        ended: first?.ended ?? false,
      }
      : namespace;
    builder.cannotEnter(interfaceItem(model.name), why);
    builder.links.set(model.name, { reason: why.reason });
  }
  // A container has ended. Mostly the kernel has deleted its links with its namespace, but not if somebody keeps that.
  if (unavailable.some(({ ended }) => ended)) {
    for (const { model } of members) {
      const claimed = builder.input.claims.linkOfItem(interfaceItem(model.name));
      if (claimed !== undefined) removeClaimed(builder, interfaceItem(model.name), claimed);
    }
  } else for (const { model } of members) keepRecordOf(builder, model);
}
