for s in "$@"; do echo "$s $(npm run -s simulate -- --life $s 2>&1 | grep -vE '^ *at |^$' | tail -4 | tr '\n' '|' | cut -c1-400)"; done
