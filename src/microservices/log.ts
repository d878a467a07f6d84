/** Where following containers writes what it sees: silent unless the application configures LogTape. */
import { getLogger, type Logger } from "npm:@logtape/logtape@2.4.2";

let logger: Logger | undefined;

/** The logger of the category `netns`, `microservices`. */
export function log(): Logger {
  return logger ??= getLogger(["netns", "microservices"]);
}
