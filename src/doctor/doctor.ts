/** Tries what the library needs. A new topic is a file in `topics/` and a line in {@linkcode TOPICS}. */
import { type Finding, type Topic, warning } from "./check.ts";
import { containersTopic } from "./topics/containers.ts";
import { kernelTopic } from "./topics/kernel.ts";
import { linksTopic } from "./topics/links.ts";
import { namesTopic } from "./topics/names.ts";
import { privilegesTopic } from "./topics/privileges.ts";
import { qdiscsTopic } from "./topics/qdiscs.ts";
import { hasFfi, runtimeTopic } from "./topics/runtime.ts";
import { stateTopic } from "./topics/state.ts";
import { threadsTopic } from "./topics/threads.ts";

/** What was found in a topic. */
export interface TopicFindings {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/**
 * The topics that need FFI, in an order in which the earlier ones explain the later ones. The threads come after every
 * check that switches.
 */
const TOPICS: readonly (() => Topic)[] = [
  privilegesTopic,
  kernelTopic,
  linksTopic,
  qdiscsTopic,
  namesTopic,
  stateTopic,
  threadsTopic,
  containersTopic,
];

/** Examines every topic. It removes what it makes, and changes nothing that exists. */
export async function* diagnose(): AsyncGenerator<TopicFindings, void, undefined> {
  yield await findingsOf(runtimeTopic());
  if (hasFfi()) {
    for (const make of TOPICS) yield await findingsOf(make());
  } else {
    yield { title: "Other", findings: [{ check: "everything else", ...warning("not tried: it needs FFI") }] };
  }
}

async function findingsOf({ title, examine }: Topic): Promise<TopicFindings> {
  return { title, findings: await examine() };
}
