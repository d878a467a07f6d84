# What the installed command does before it goes on as a program for Node. Node raises the limit of open files, marks
# descriptors close-on-exec and resets ignored and blocked signals before the first line of a program; `netns exec` gives
# its command what the caller gave. No process is started for it. See src/cli/inherited.ts, proc(5).
#
# The build puts text before each line, so that it is JavaScript too: within a `case`, there are no line ends.
if { [ "$1" = exec ] || [ "$1" = rootless ]; } && [ -r /proc/$$/limits ]; then
  netns_note=
  for netns_path in /proc/$$/fd/*; do
    netns_fd=${netns_path##*/}
    if [ -h "$netns_path" ]; then
      while read -r netns_key netns_value; do # the shell's own are close-on-exec
        case $netns_key$netns_value in flags:*[2367]??????) ;; flags:*) netns_note=$netns_note$netns_fd, ;; esac
      done </proc/$$/fdinfo/$netns_fd
    fi
  done
  while read -r netns_key netns_path netns_fd netns_value; do
    case $netns_key$netns_path$netns_fd in Maxopenfiles) netns_note="${netns_value%% *};$netns_note" ;; esac
  done </proc/$$/limits
  while read -r netns_key netns_value; do
    case $netns_key in SigBlk:|SigIgn:) netns_note="$netns_value;$netns_note" ;; esac
  done </proc/$$/status
  NETNS_STARTED="$$;$netns_note"
  export NETNS_STARTED
fi
exec node "$0" "$@"
