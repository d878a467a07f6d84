# Completion of netns for bash. To load it: eval "$(netns completion bash)"

# Joins the words of the line that readline breaks, at a colon for example. Sets words, cword, and starts (where each
# word begins in COMP_WORDS).
_netns_words() {
  local rest=$COMP_LINE last=-1 i
  for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
    if ((i == 0)) || [[ $rest == [[:space:]]* ]]; then
      starts[++last]=$i
      words[last]=
      rest=${rest#"${rest%%[![:space:]]*}"}
    fi
    words[last]+=${COMP_WORDS[i]}
    rest=${rest#"${COMP_WORDS[i]}"}
    ((i == COMP_CWORD)) && cword=$last
  done
}

# Removes the quotes from the word at the cursor. Sets quote and plain.
_netns_unquote() {
  case $current in
    \'*) quote=\' plain=${current:1} ;;
    \"*)
      quote=\" plain=${current:1}
      plain=${plain//\\\"/\"} plain=${plain//\\\$/\$} plain=${plain//\\\`/\`} plain=${plain//\\\\/\\}
      ;;
    *) quote='' && IFS= read plain <<<"$current" ;; # without -r, read removes backslashes
  esac
}

# Offers the arguments that begin with the word at the cursor, in the same quotes.
_netns_offer() {
  local candidate reply before=
  # A reply replaces only the text after the last character at which readline breaks words. An @ is part of that text.
  local breaks=${COMP_WORDBREAKS//[^:=@]/}
  [[ $breaks ]] && before=${current%"${current##*[$breaks]}"}
  for candidate; do
    [[ $candidate == "$plain"* ]] || continue
    case $quote in
      \') [[ $candidate == *[\'[:cntrl:]]* ]] && continue || reply=$candidate ;;
      \")
        [[ $candidate == *[![:cntrl:]]* && $candidate != *[[:cntrl:]]* ]] || continue
        reply=${candidate//\\/\\\\} reply=${reply//\"/\\\"} reply=${reply//\$/\\\$} reply=${reply//\`/\\\`}
        ;;
      *)
        printf -v reply %q "$candidate"
        reply=${reply#"${before%@}"}
        ;;
    esac
    COMPREPLY+=("$reply")
  done
}

# Offers the names of namespaces; with an argument, every form of NS.
_netns_namespaces() {
  local name names offered=() restore
  if [[ $1 && $plain == FILE:* ]]; then
    compopt -o default
    return
  elif [[ $1 && $plain == PID:* ]]; then
    names=(/proc/[0-9]*)
    _netns_offer "${names[@]/#\/proc\//PID:}"
    return
  fi
  restore=$(shopt -p dotglob failglob nullglob)
  shopt -s dotglob nullglob
  shopt -u failglob
  names=(/var/run/netns/*)
  eval "$restore"
  for name in "${names[@]##*/}"; do
    [[ $name == -* && ! $ended ]] && continue # the command would take it for an option
    [[ $1 && $name =~ ^(PID|MICROSERVICE|CONTAINER|FILE|NAMED): ]] && name=NAMED:$name
    offered+=("$name")
  done
  _netns_offer "${offered[@]}"
  if [[ $1 && $plain == [[:upper:]]* && ${#COMPREPLY[@]} == 0 ]]; then
    compopt -o nospace
    _netns_offer PID: FILE: MICROSERVICE: CONTAINER:
  fi
}

# Completes the command line of another command, which begins at this word.
_netns_program() {
  if declare -F _command_offset >/dev/null; then
    _command_offset "${starts[$1]}"
  elif (($1 == cword)) && [[ $plain != */* ]]; then
    mapfile -t COMPREPLY < <(compgen -c -- "$plain")
  else
    compopt -o default
  fi
}

_netns() {
  local words=() starts=() cword=0 current quote plain ended='' options=() arguments=() position=0 choices i
  COMPREPLY=()
  _netns_words
  current=${words[cword]}
  _netns_unquote
  if ((cword == 1)); then
    _netns_takes ''
    _netns_offer "${arguments[@]}"
    [[ $plain == -* ]] && _netns_offer "${options[@]}"
    return
  fi
  _netns_takes "${words[1]}"
  for ((i = 2; i < cword; i++)); do
    if [[ ${words[i]} == -- && ! $ended ]]; then
      ended=1
    elif [[ ${words[i]} == -* && ! $ended ]]; then
      choices=$(_netns_values "${words[1]}" "${words[i]}") || continue
      ((++i == cword)) && { _netns_offer $choices; return; }
    elif [[ ${arguments[position]} == command ]]; then
      _netns_program "$i"
      return
    else
      ((position++))
    fi
  done
  if [[ $plain == -* && ! $ended ]]; then
    _netns_offer "${options[@]}"
    return
  fi
  case ${arguments[position]} in
    file) compopt -o default ;;
    namespace) _netns_namespaces all ;;
    name) _netns_namespaces ;;
    pid) _netns_offer $(cd /proc && printf '%s ' [0-9]*) ;;
    command) _netns_program "$cword" ;;
    =*) _netns_offer ${arguments[position]#=} ;;
  esac
}

complete -F _netns netns
