import {
  COMMAND_NAMES,
  DESCRIBED,
  GLOBAL_OPTIONS,
  type Completes,
  type OptionDescription,
} from '../../electron/cli/description.ts';

/**
 * Completions for bash, zsh and fish. Commands, options and their values are in the script; for paths on the phone it
 * asks `replug complete`, with the options of the line that say which phone. `what()` is English here.
 */

/** What one place of a line can be: a command's words and options. */
interface Place {
  /** `push`, `sync add`. */
  readonly command: string;
  readonly words: readonly (readonly Completes[])[];
  readonly options: readonly OptionDescription[];
}

const places = (): readonly Place[] =>
  COMMAND_NAMES.flatMap((name) => {
    const { actions, words, options } = DESCRIBED[name];
    if (actions === undefined) return [{ command: name, words, options }];
    return [
      { command: name, words: [[Object.keys(actions)], ['nothing']], options: [] },
      ...Object.entries(actions).map(([action, one]) => ({ command: `${name} ${action}`, ...one })),
    ];
  });
const actionsOf = (): readonly string[] => COMMAND_NAMES.filter((name) => DESCRIBED[name].actions !== undefined);

const all = (): readonly OptionDescription[] => [
  ...new Map(
    [...GLOBAL_OPTIONS, ...places().flatMap(({ options }) => options)].map((option) => [option.name, option]),
  ).values(),
];
const dashed = (options: readonly OptionDescription[]): string => options.map(({ name }) => `--${name}`).join(' ');
const valued = (options: readonly OptionDescription[]): readonly OptionDescription[] =>
  options.filter(({ value }) => value !== undefined);

/** The kinds of a place in words that the scripts understand: `@phone`, `@local`, `@folder`, or the words themselves. */
const kinds = (completes: readonly Completes[]): string =>
  completes
    .flatMap((one) => {
      switch (one) {
        case 'phone-path':
          return ['@phone'];
        case 'local-path':
          return ['@local'];
        case 'local-folder':
          return ['@folder'];
        case 'nothing':
          return [];
        default:
          return one;
      }
    })
    .join(' ');

/** `push) … ;;` of each place, by the number of words after the command. */
const wordCases = (): string =>
  places()
    .map(({ command, words }) => {
      const at = words.map(
        (one, index) => `${index === words.length - 1 ? '*' : String(index)}) kinds="${kinds(one)}" ;;`,
      );
      return `    '${command}') case $at in ${at.join(' ')} esac ;;`;
    })
    .join('\n');
const optionCases = (): string =>
  places()
    .map(({ command, options }) => `    '${command}') own="${dashed(options)}" ;;`)
    .join('\n');
const valueCases = (): string =>
  valued(all())
    .map(({ name, completes }) => `    --${name}) kinds="${completes === undefined ? '' : kinds([completes])}" ;;`)
    .join('\n');
/** Options that say which phone: they are passed on. */
const PASSED = '--phone|--virtual|--db';

/**
 * What bash and zsh share: reads the line in the array `line` up to the word `current`, and sets `kinds` to what the word
 * can be and `passed` to the options that are passed on.
 */
const reading = (): string => `  local command="" at=0 own="" word="" previous="" ended=""
  passed=() kinds=""
  for word in "\${line[@]}"; do
    if [[ -n $ended ]]; then at=$((at + 1)); continue; fi
    case $previous in
${valued(all())
  .map(({ name }) => `      --${name}`)
  .join('|\\\n')})
        case $previous in ${PASSED}) passed+=("$previous" "$word") ;; esac
        previous=""
        continue
        ;;
    esac
    previous=$word
    case $word in
      --) ended=yes ;;
      --virtual=*|--phone=*|--db=*) passed+=("$word") ;;
      --no-usb) passed+=("$word") ;;
      -*) ;;
      *)
        if [[ -z $command ]]; then command=$word
        elif [[ " ${actionsOf().join(' ')} " == *" $command "* && $at == 0 ]]; then command="$command $word"
        else at=$((at + 1)); fi
        ;;
    esac
  done
  case $command in
    '') kinds="${COMMAND_NAMES.join(' ')} help" ;;
    help) kinds="${COMMAND_NAMES.join(' ')}" ;;
${wordCases()}
  esac
  case $command in
${optionCases()}
  esac
  case $previous in
${valueCases()}
    *)
      case $current in
        -*) [[ -z $ended ]] && kinds="$own ${dashed(GLOBAL_OPTIONS)}" ;;
      esac
      ;;
  esac`;

/** For `/usr/share/bash-completion/completions/replug`. */
export const bashCompletions =
  (): string => `# Completions of replug for bash. Generated; see electron/cli/description.ts.
# shellcheck shell=bash
_replug_choices() {
  local current=$1 passed kinds
  shift
  local line=("$@")
${reading()}
  local kind found
  for kind in $kinds; do
    case $kind in
      @phone)
        while IFS= read -r found; do _replug_offer "$found"; done < <(
          command replug complete "\${passed[@]}" -- "$current" 2>/dev/null </dev/null
        )
        ;;
      @local) while IFS= read -r found; do
          if [[ -d $found ]]; then _replug_offer "$found/"; else _replug_offer "$found"; fi
        done < <(compgen -f -- "$current") ;;
      @folder) while IFS= read -r found; do _replug_offer "$found/"; done < <(compgen -d -- "$current") ;;
      *) [[ $kind == "$current"* ]] && COMPREPLY+=("$kind ") ;;
    esac
  done
}

# Letters that the shell reads as its own are escaped, and nothing is put behind a folder.
_replug_offer() {
  local quoted
  printf -v quoted '%q' "$1"
  # bash completes what stands behind the last colon
  if [[ $COMP_WORDBREAKS == *:* && -n $_replug_before ]]; then
    local before
    printf -v before '%q' "$_replug_before"
    quoted=\${quoted#"$before"}
  fi
  case $1 in
    */) COMPREPLY+=("$quoted") ;;
    *) COMPREPLY+=("$quoted ") ;;
  esac
}

_replug() {
  COMPREPLY=()
  # words as they were typed: bash takes them apart at colons and equals signs
  local before=\${COMP_LINE:0:COMP_POINT} words=() _replug_before="" word="" quote="" letter="" escaped="" index
  for ((index = 0; index < \${#before}; index++)); do
    letter=\${before:index:1}
    if [[ -n $escaped ]]; then word+=$letter escaped=""
    elif [[ $letter == "\\\\" && $quote != "'" ]]; then escaped=yes
    elif [[ -n $quote ]]; then if [[ $letter == "$quote" ]]; then quote=""; else word+=$letter; fi
    elif [[ $letter == "'" || $letter == '"' ]]; then quote=$letter
    elif [[ $letter == [[:space:]] ]]; then [[ -n $word ]] && words+=("$word"); word=""
    else word+=$letter; fi
  done
  # ~ is this user's folder
  [[ $word == "~/"* ]] && word=$HOME/\${word#"~/"}
  case $word in
    *[:=]*) _replug_before=\${word%"\${word##*[:=]}"} ;;
  esac
  local option=""
  case $word in
    --*=*) option=\${word%%=*}; words+=("$option"); word=\${word#*=}; _replug_before=\${word%"\${word##*[:=]}"}; [[ $word == *[:=]* ]] || _replug_before="" ;;
  esac
  _replug_choices "$word" "\${words[@]:1}"
}
complete -o nospace -F _replug replug
`;

/** For a folder of zsh’s `fpath`, as `_replug`. */
export const zshCompletions = (): string => `#compdef replug
# Completions of replug for zsh. Generated; see electron/cli/description.ts.
_replug_kinds() {
  emulate -L zsh
  # what bash and zsh share counts from 0 and takes words apart
  setopt ksh_arrays sh_word_split
${reading()}
}

_replug() {
  local current=\${(Q)PREFIX} kinds kind found
  local -a passed line offered folders
  (( CURRENT > 2 )) && line=("\${(@Q)words[2,CURRENT - 1]}") || line=()
  _replug_kinds
  for kind in \${=kinds}; do
    case $kind in
      @phone)
        folders=() offered=()
        while IFS= read -r found; do
          case $found in
            */) folders+=("$found") ;;
            *) offered+=("$found") ;;
          esac
        done < <(command replug complete "\${passed[@]}" -- "$current" 2>/dev/null </dev/null)
        (( $#folders )) && compadd -S '' -- "\${folders[@]}"
        (( $#offered )) && compadd -- "\${offered[@]}"
        ;;
      @local) _files ;;
      @folder) _files -/ ;;
      *) compadd -- "$kind" ;;
    esac
  done
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _replug "$@"; else compdef _replug replug; fi
`;

const fishQuoted = (words: string): string => `'${words.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const fishKinds = (completes: readonly Completes[]): string => {
  const offers = completes.flatMap((one): readonly string[] => {
    switch (one) {
      case 'phone-path':
        return ['(__replug_phone)'];
      case 'local-path':
        return ['(__fish_complete_path (commandline -ct))'];
      case 'local-folder':
        return ['(__fish_complete_directories (commandline -ct))'];
      case 'nothing':
        return [];
      default:
        return one;
    }
  });
  return offers.length === 0 ? '' : ` -a "${offers.join(' ')}"`;
};

/** For `/usr/share/fish/vendor_completions.d/replug.fish`. */
export const fishCompletions = (): string => {
  const option = ({ name, value, completes, what }: OptionDescription, condition: string): string => {
    const [first = ''] = what().split('\n');
    const takes = value === undefined ? '' : ` -r${completes === undefined ? ' -f' : ` -f${fishKinds([completes])}`}`;
    return `complete -c replug${condition} -l ${name}${takes} -d ${fishQuoted(first)}`;
  };
  const at = (command: string, index?: string): string =>
    ` -n "__replug_at '${command}'${index === undefined ? '' : ` ${index}`}"`;
  return `# Completions of replug for fish. Generated; see electron/cli/description.ts.
function __replug_phone
    set -l passed
    set -l words (commandline -opc)
    for index in (seq (count $words))
        switch $words[$index]
            case --phone --virtual --db
                set -a passed $words[$index] $words[(math $index + 1)]
            case '--phone=*' '--virtual=*' '--db=*' --no-usb
                set -a passed $words[$index]
        end
    end
    command replug complete $passed -- (string unescape -- (commandline -ct)) 2>/dev/null </dev/null
end

# Whether the line is one of this command, and its next word the one at that place, counted from 0; N+ goes for all
# behind N.
function __replug_at
    set -l words (commandline -opc)[2..-1]
    set -l line
    set -l skip no
    for word in $words
        if test $skip = yes
            set skip no
            continue
        end
        switch $word
            case ${valued(all())
              .map(({ name }) => `--${name}`)
              .join(' ')}
                set skip yes
            case '-*'
            case '*'
                set -a line $word
        end
    end
    set -l command
    test -n "$argv[1]"; and set command (string split ' ' -- $argv[1])
    set -l most (count $command)
    if test $most -gt 0
        test (count $line) -ge $most; or return 1
        test "$line[1..$most]" = "$argv[1]"; or return 1
    else
        test (count $line) -eq 0; or return 1
    end
    test (count $argv) -lt 2; and return 0
    set -l at (math (count $line) - $most)
    switch $argv[2]
        case '*+'
            test $at -ge (string replace + '' -- $argv[2])
        case '*'
            test $at -eq $argv[2]
    end
end

complete -c replug -f
${COMMAND_NAMES.map(
  (name) => `complete -c replug${at('', '0')} -a ${name} -d ${fishQuoted(DESCRIBED[name].forms[0]?.what() ?? '')}`,
).join('\n')}
complete -c replug${at('', '0')} -a help
complete -c replug${at('help', '0')} -a "${COMMAND_NAMES.join(' ')}"
${places()
  .flatMap(({ command, words, options }) => [
    ...words.flatMap((one, index) => {
      const offers = fishKinds(one);
      const place = index === words.length - 1 ? `${index}+` : String(index);
      return offers === '' ? [] : [`complete -c replug${at(command, place)}${offers}`];
    }),
    ...options.map((one) => option(one, at(command))),
  ])
  .join('\n')}
${GLOBAL_OPTIONS.map((one) => option(one, '')).join('\n')}
`;
};
