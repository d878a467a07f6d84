# Completion of netns for fish. To load it: netns completion fish | source

# Sets, for the words before the cursor: the command, how many of its arguments there are, and whether an option waits
# for its value. The command that `netns exec` runs begins at rest.
function __netns_read --no-scope-shadowing
    set command
    set count 0
    set ended
    set valued
    set rest
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if test "$command" = exec -a $count -ge 1
            test $count -eq 1 -a -z "$rest" -a "$word" = --; and continue
            set -a rest $word
        else if test -n "$valued"
            set valued
        else if test -z "$ended" -a -n "$command" -a "$word" = --
            set ended yes
        else if test -z "$ended"; and string match -q -- '-*' $word
            contains -- "$command/$word" $__netns_valued; and set valued $word
        else if test -z "$command"
            set command $word
        else
            set count (math $count + 1)
        end
    end
end

# Succeeds where a command is expected, or after this command.
function __netns_at
    __netns_read
    test "$command" = "$argv[1]" -a -z "$valued"
end

# Succeeds where the argument of this number, from 0 on, of this command is expected.
function __netns_argument
    __netns_read
    test "$command" = $argv[1] -a $count -eq $argv[2] -a -z "$valued"
end

# Succeeds where an option of this command is expected.
function __netns_option
    __netns_read
    test "$command" = "$argv[1]" -a -z "$ended"; or return 1
    test -z "$valued"; or contains -- $valued $argv[2..-1]; or return 1
    not test "$command" = exec -a $count -ge 1
end

# Prints the names of namespaces.
function __netns_names
    __netns_read
    for path in /var/run/netns/{.,}*
        set -l name (string replace -r '.*/' '' -- $path)
        test (count $name) -eq 1; or continue # a line feed would end the candidate
        test -z "$ended"; and string match -q -- '-*' $name; and continue # the command would take it for an option
        printf '%s\n' $name
    end
end

# Prints NS: a name, or one of the other forms.
function __netns_namespaces
    set -l token (commandline -ct)
    switch "$token"
        case 'FILE:*'
            printf 'FILE:%s\n' (__fish_complete_path (string sub -s 6 -- $token))
        case 'PID:*'
            printf 'PID:%s\n' (string match -r '^[0-9]+$' -- (string replace /proc/ '' /proc/*))
        case '*'
            __netns_names | string replace -r '^(PID|MICROSERVICE|CONTAINER|FILE|NAMED):' 'NAMED:$1:'
            string match -qr '^[A-Z]' -- "$token"; and printf '%s\n' PID: FILE: MICROSERVICE: CONTAINER:
    end
    return 0
end

# Prints what completes the command line of the command that `netns exec` runs.
function __netns_program
    __netns_read
    complete -C (string join ' ' -- (string escape -- $rest) (commandline -ct))
end

function __netns_in_program
    __netns_read
    test "$command" = exec -a $count -ge 1
end

complete -c netns -e
complete -c netns -f
