/** The thread that receives events of rtnetlink on a socket that another thread opened. */
import { parentPort, workerData } from "node:worker_threads";
import { SyscallError } from "../../ffi/mod.ts";
import { type EventsMessage, type EventsTask, LOST, STOP, WAITING } from "./events_task.ts";
import { MulticastSocket } from "./multicast.ts";

/** An event is one message; the longest are those of links, of some thousand bytes. */
const BUFFER = 64 * 1024;

const post = (message: EventsMessage): void => parentPort?.postMessage(message);

function follow({ fd, queue, control, dropped }: EventsTask): void {
  const socket = MulticastSocket.onDescriptor(fd);
  const buffer = new Uint8Array(BUFFER);
  let counted = 0;
  while (Atomics.load(control, STOP) === 0) {
    const received = socket.receive(buffer);
    if (socket.dropped > counted) Atomics.add(dropped, 0, socket.dropped - counted);
    counted = socket.dropped;
    if (received === undefined || Atomics.load(control, LOST) !== 0) continue;
    if (received === "overrun" || Atomics.load(control, WAITING) >= queue) {
      Atomics.store(control, LOST, 1);
      post({ kind: "overrun" });
    } else {
      Atomics.add(control, WAITING, 1);
      post({ kind: "received", bytes: buffer.slice(0, received) });
    }
  }
}

try {
  follow(workerData as EventsTask); // what events.ts gives its worker
} catch (error) {
  if (!(error instanceof SyscallError)) throw error;
  post({ kind: "failed", syscall: error.syscall, errno: error.errno });
}
