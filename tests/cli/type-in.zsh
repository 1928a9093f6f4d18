# type-in.zsh SETUP LINE SHELL...: types LINE and Tab into an interactive shell on a terminal of its own, and prints the
# words that the line has then, each as <word>.
emulate -L zsh
zmodload zsh/zpty
setup=$1 line=$2
shift 2
export PS1='' PS2='' TERM=dumb
zpty shell "${(j: :)${(q)@}}"
zpty -w shell "$setup; printf '%s%s\n' REA DY"
zpty -r shell seen $'*READY*'
# Ctrl-A goes to the beginning: the words become arguments of printf
zpty -w -n shell "$line"$'\t\x01printf "<%s>\\n" \nprintf "%s%s\\n" EN D\n'
zpty -r shell seen $'*END*'
print -r -- "$seen"
zpty -d shell
