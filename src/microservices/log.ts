/** Where following containers writes what it sees: silent unless the application configures LogTape. */
import { getLogger, type Logger } from "@logtape/logtape";

let logger: Logger | undefined;

/** The logger of the category `netns`, `microservices`. */
export function log(): Logger {
  return logger ??= getLogger(["netns", "microservices"]);
}
