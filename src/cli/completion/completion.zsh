#compdef netns
# Completion of netns for zsh. To load it: eval "$(netns completion zsh)", after compinit; or as _netns in $fpath.

# Completes names of namespaces.
_netns_names() {
  local -a names=(/var/run/netns/*(ND:t))
  (( ${words[(I)--]} )) || names=(${names:#-*}) # the command would take it for an option
  compadd "$@" -a names
}

# Completes NS: a name, or one of the other forms.
_netns_namespaces() {
  if compset -P PID:; then
    compadd "$@" -- /proc/<->(N:t)
  elif compset -P FILE:; then
    _files
  else
    local -a names=(/var/run/netns/*(ND:t))
    (( ${words[(I)--]} )) || names=(${names:#-*})
    compadd "$@" -- ${names/#(#b)((PID|MICROSERVICE|CONTAINER|FILE|NAMED):*)/NAMED:$match[1]}
    [[ $PREFIX == [[:upper:]]* ]] && compadd "$@" -S '' -- PID: FILE: MICROSERVICE: CONTAINER:
  fi
}

# Completes the command line of another command.
_netns_program() {
  if [[ $words[1] == -- ]]; then
    shift words
    (( CURRENT-- ))
  fi
  if (( CURRENT == 1 )); then
    _command_names -e
  else
    _normal
  fi
}

_netns() {
  setopt local_options extended_glob
  local curcontext=$curcontext state line
  typeset -A opt_args
  _netns_arguments
}
