#!/usr/bin/env bash
# Process 1 of a second kernel. Its root is a read-only view of the machine, in which host.sh has left the settings:
#   kernel_modules   the folder with a folder of modules for each release
#   share FOLDER AT  a function that mounts a folder of the machine, writable
#   outputs          the devices for stdout and stderr
#   modules, writable, folder, command    what to load, to mount, and to run
set -euo pipefail
export PATH=/dev/shm:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# What is written goes to memory: a tmpfs over the view of the machine.
make_root() {
  local base=/sys suid=suid one # of the machine's own /sys nothing is needed
  mount -n -t tmpfs tmpfs "$base"
  cd "$base"
  mkdir -p upper work root state lib/modules
  share /dev/shm state
  exec 8>state/status
  ln -s "$modules_of_release" lib/modules/
  modprobe -d "$base" overlay
  [[ $(stat -c %u /) == 0 ]] || suid=nosuid # an ordinary user's view: see host.sh
  mount -n -t overlay -o "lowerdir=/,upperdir=upper,workdir=work,$suid" overlay root
  cd root
  mkdir -p lib/modules
  ln -sfn "$modules_of_release" lib/modules/
  for one in "${writable[@]}"; do share "$one" ".$one"; done
  pivot_root . . # chroot would forbid user namespaces
  umount -n -l .
  cd /
  PATH=${PATH#*:} # /dev/shm is another now
}

make_devices() {
  mount -t proc proc /proc
  trap 'echo o >/proc/sysrq-trigger; sleep 60' EXIT
  mount -t sysfs sysfs /sys
  mount -t devtmpfs devtmpfs /dev
  mkdir -p /dev/pts /dev/shm /dev/net
  ln -s /proc/self/fd /dev/fd
  [[ -e /dev/net/tun ]] || mknod /dev/net/tun c 10 200
  mount -t devpts -o ptmxmode=666 devpts /dev/pts
  mount -t tmpfs tmpfs /dev/shm
  mount -t tmpfs tmpfs /run
}

load_modules() {
  local one
  # Modules of tunnels add a link to each namespace: there is none, as on the machine, where they are not loaded.
  echo 2 >/proc/sys/net/core/fb_tunnels_only_for_init_net
  for one in ipv6 "${modules[@]}"; do
    modprobe -q "$one" || modprobe -q "rtnl-link-$one" || modprobe "$one" # the last one says what is wrong
  done
}

# The command writes to pipes, as it would on the machine: no output of it is a terminal.
run_command() {
  local -a copies
  local device process pid status=0
  for device in "${outputs[@]}"; do [[ $device != /dev/tty* ]] || stty -F "$device" raw; done
  mkfifo /run/out /run/err
  cat /run/out >"${outputs[0]}" 8>&- & copies+=("$!")
  cat /run/err >"${outputs[1]}" 8>&- & copies+=("$!")
  (cd "$folder" && exec env -i -- "${environment[@]}" "${command[@]}") </dev/null >/run/out 2>/run/err 8>&- || status=$?

  # What the command left in the background still holds the pipes.
  for process in /proc/[0-9]*; do
    pid=${process#/proc/}
    [[ " 1 ${copies[*]} " == *" $pid "* ]] || kill -KILL "$pid" 2>/dev/null || true
  done
  wait "${copies[@]}" || true
  # Returns when the terminal has written everything.
  for device in "${outputs[@]}"; do [[ $device != /dev/tty* ]] || stty -F "$device" sane; done
  echo "$status" >&8
  exec 8>&-
}

# A function, so that bash has read all of the script before anything runs: it may be edited meanwhile.
main() {
  . /dev/shm/settings
  mapfile -d '' -t environment </dev/shm/environment
  modules_of_release=$kernel_modules/$(uname -r)
  make_root
  make_devices
  load_modules
  ip link set lo up
  run_command
}
main
exit
