#!/usr/bin/env bash
# Process 1 of a second kernel. Its root is a read-only view of the machine, in which host.sh has left the settings:
#   kernel_modules   the folder with a folder of modules for each release
#   share FOLDER AT  a function that mounts a folder of the machine, writable
#   outputs          the devices for stdout and stderr
#   modules, writable, folder, command    what to load, to mount, and to run
set -euo pipefail
export PATH=/dev/shm:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
. /dev/shm/settings
mapfile -d '' -t environment </dev/shm/environment
modules_of_release=$kernel_modules/$(uname -r)

# What is written goes to memory: a tmpfs over the view of the machine.
mount -n -t tmpfs tmpfs /tmp
cd /tmp
mkdir -p upper work root state base/lib/modules
share /dev/shm state
exec 8>state/status
ln -s "$modules_of_release" base/lib/modules/
modprobe -d "$PWD/base" overlay
suid=suid
[[ $(stat -c %u /) == 0 ]] || suid=nosuid # an ordinary user's view: see host.sh
mount -n -t overlay -o "lowerdir=/,upperdir=upper,workdir=work,$suid" overlay root
cd root
mkdir -p lib/modules
ln -sfn "$modules_of_release" lib/modules/
for one in "${writable[@]}"; do share "$one" ".$one"; done
pivot_root . . # chroot would forbid user namespaces
umount -n -l .
cd /
PATH=${PATH#*:} # without /dev/shm

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
modprobe ipv6
for one in "${modules[@]}"; do
  modprobe -q "$one" || modprobe -q "rtnl-link-$one" || modprobe "$one" # the last one says what is wrong
done
ip link set lo up

# The command writes to pipes, as it would on the machine: no output of it is a terminal.
mkfifo /run/out /run/err
copies=()
for i in 0 1; do
  device=${outputs[i]}
  [[ $device != /dev/tty* ]] || stty -F "$device" raw
  fifos=(/run/out /run/err)
  cat "${fifos[i]}" >"$device" 8>&- &
  copies+=("$!")
done
status=0
(cd "$folder" && exec env -i -- "${environment[@]}" "${command[@]}") </dev/null >/run/out 2>/run/err 8>&- || status=$?

# What the command left in the background still holds the pipes.
for process in /proc/[0-9]*; do
  pid=${process#/proc/}
  [[ " 1 ${copies[*]} " == *" $pid "* ]] || kill -KILL "$pid" 2>/dev/null || true
done
wait "${copies[@]}" || true
for device in "${outputs[@]}"; do
  [[ $device != /dev/tty* ]] || stty -F "$device" sane # returns when everything is written
done
echo "$status" >&8
exec 8>&-
