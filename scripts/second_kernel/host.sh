#!/usr/bin/env bash
# host.sh SECONDS SETTINGS EMULATOR [ARGUMENT]…
#   Starts the emulator of a second kernel, which runs guest.sh by SETTINGS: lines of shell. The exit status is the one that
#   guest.sh reports. 124: the time is up. 125: it reports none; what the kernel wrote to its console then goes to stderr.
#   This script is process 1 of a process namespace: the kernel ends everything in it together with this script.
set -euo pipefail
limit=$1 settings=$2
shift 2

# A tmpfs in a mount namespace of its own: nothing stays on the machine, however the script ends.
state=/dev/shm
mount -t tmpfs second-kernel "$state"
printf '%s\n' "$settings" >"$state/settings"
env -0 >"$state/environment"
: >"$state/status"
# Copies without the set-user-ID bit: in the guest of an ordinary user, root's files belong to nobody.
cp "$(command -v mount)" "$(command -v umount)" "$state/"

# User Mode Linux makes its outputs non-blocking: it gets pipes that nobody else writes to.
mkfifo "$state/out" "$state/err"
cat "$state/out" &
cat "$state/err" >&2 &
ended=0
TMPDIR=$state timeout --kill-after 10 "$limit" "$@" \
  </dev/null 5>"$state/out" 6>"$state/err" >>"$state/console" 2>&1 &
emulator=$!
wait "$emulator" || ended=$?
# Of an emulator that was ended, stopped processes may be left in its group, and threads that hold the pipes.
kill -KILL -- "-$emulator" 2>/dev/null || true
((ended != 137)) || kill -KILL -1 || true
wait || true

((ended != 124 && ended != 137)) || exit 124
status=$(<"$state/status")
[[ -z $status ]] || exit "$status"
cat "$state/console" >&2
exit 125
