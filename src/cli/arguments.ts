/** Arguments and options that several commands share. */
import { Argument, InvalidArgumentError, Option } from "npm:commander@15.1.0";
import { CONFIG_NAME, isConfigName } from "../models/config_name.ts";
import { namedNs, parseNamespace } from "../namespace.ts";

/** What a shell completes an argument with. */
export type Completion = "file" | "namespace" | "name" | "pid" | "command";

/** An argument that a shell completes. */
export class CompletedArgument extends Argument {
  /** What it is completed with. */
  readonly completion: Completion;

  /** An argument of commander with `name` as in `<name>`, `[name]` or `<name...>`. */
  constructor(name: string, description: string, completion: Completion) {
    super(name, description);
    this.completion = completion;
  }
}

/** FILE, a topology file or `-`. */
export function fileArgument(name: "<file>" | "[file]" = "<file>"): Argument {
  return new CompletedArgument(name, "YAML or JSON; - is standard input", "file");
}

/** `--name`, the name of a configuration that has none in its file. */
export function configNameOption(): Option {
  return new Option("--name <name>", "remember FILE under this name, if it has none in it")
    .argParser((text) => {
      if (isConfigName(text)) return text;
      throw new InvalidArgumentError(`Expected ${CONFIG_NAME}.`);
    });
}

/** The options of a command with {@linkcode configNameOption}. */
export interface NameOptions {
  /** The name of a configuration that has none in its file. */
  readonly name?: string;
}

/** NS, any existing namespace; its value is a `Namespace`. */
export function namespaceArgument(): Argument {
  return namespaceText("<ns>").argParser((text) => parseNamespace(text));
}

/** NS as text. */
export function namespaceText(name: "<ns>" | "[ns]"): Argument {
  return new CompletedArgument(
    name,
    "NAME, PID:42, FILE:/proc/42/ns/net, MICROSERVICE:label or CONTAINER:name",
    "namespace",
  );
}

/** NAME, the name of an existing namespace; its value is a valid name. */
export function nameArgument(description: string, name: "<name>" | "[name]" = "<name>"): Argument {
  return new CompletedArgument(name, description, "name").argParser((text) => namedNs(text).name);
}

/** NAME of a namespace that does not exist yet; its value is a valid name. */
export function newNameArgument(): Argument {
  return new Argument("<name>", 'its name: 1 to 255 bytes, no "/"').argParser((text) => namedNs(text).name);
}

/** `--json`; `description` begins with `print`. */
export function jsonOption(description: string): Option {
  return new Option("--json", description);
}

/** The options of a command with {@linkcode jsonOption}. */
export interface JsonOptions {
  /** Print JSON. */
  readonly json?: boolean | undefined;
}
