/** The text of `replug --help`. */
export const HELP = `Replug moves files between this computer and an Android phone over the cable,
and goes on where it stopped when the cable is pulled.

Usage: replug [OPTION]... COMMAND [ARGUMENT]...

Commands
  devices                      phones and their storages
  ls [PHONEPATH]               what is in a folder of the phone
  push LOCAL... PHONEDIR       files and folders to the phone
  pull PHONEPATH... LOCALDIR   files and folders from the phone
  mkdir PHONEPATH              make a folder, and those above it
  rm PHONEPATH...              delete, folders with all in them
  mv PHONEPATH... PHONEPATH    move or rename on the phone
  queue                        transfers and how far they are
  resume                       go on with all unfinished transfers
  cancel ID                    give a transfer up and tidy up after it
  sync add PHONEDIR LOCALDIR   keep two folders in step; see below
  sync run [PAIR]              copy what is new or changed
  sync status | list           pairs and how they stand, also while one runs
  doctor                       look at everything a transfer needs
  serve                        open Replug's window in a browser

  A PHONEPATH is /DCIM/Camera on the phone's first storage, or NAME:/… with a storage's
  name or its beginning (SD:/Music). push and pull of what is under way continue it.

Options
  --phone SERIAL|NAME          which phone, where several are connected
  --wait SECONDS               how long to wait for a phone that is not there or has gone
                               (at a terminal without end, otherwise 0)
  --db FILE                    the database of transfers
  --json                       one JSON object per line, the last one the result
  --verbose                    technical details of problems
  --no-usb                     leave the real bus alone
  --virtual DIR[,KEY=VALUE]... a folder that behaves like a phone; keys: profile, serial,
                               name, sd, capacity, sd-capacity, rate, latency (repeatable)
  --fault SPEC                 what goes wrong on the virtual phone (repeatable, in order):
                               unplug@bytes=N  unplug@op=NAME:K[:before|:data|:response]
                               silence@op=NAME:K  full@bytes=N  locked@open  held@open  replug@ms=N
  --help, --version

resume
  --this-phone                 the phone that is plugged in has no serial number of its own and
                               is the one that is waited for (at a terminal it is asked)

push and pull
  --on-clash RULE              what is there already: ask, skip, replace, keep-both, newer,
                               larger, skip-identical (at a terminal ask, otherwise skip)
  --names ask|legal|fail       names the other side cannot hold (at a terminal ask; otherwise
                               push fails, with the legal name in the message, and pull saves
                               under the legal name)
  --verify size|sampled|full   how copies are checked (sampled)
  --large resumable|keep-dates what matters more for large files to the phone (resumable)
  --move                       delete each source after its copy was verified. Originals are
                               deleted only after their copies have been read back in full and
                               are on the disk; this takes about twice as long.

sync (docs/sync.md tells more)
  add    --direction to-computer|to-phone, --name, --include and --exclude PATTERN,
         --kind photos,videos,music, --newer-than DATE, --larger-than SIZE,
         --deletions ignore|mirror, --deletion-limit PERCENT, --layout as-on-phone|year-month,
         --conflicts keep-both|replace|newer|skip, --verify size|sampled|full, --automatic;
         add --ready camera|screenshots|music|whatsapp [LOCALDIR]
  run    --dry-run             only say what would be done
         --yes                 delete also when it is more than --deletion-limit allows
         --copy-again          copy also when nearly all copies are missing
         --this-phone          as with resume
  remove PAIR, history PAIR, files PAIR [--search TEXT] [--status STATUS],
  skip PAIR PATH..., reset PAIR [PATH...]

rm     --yes                   do not ask
serve  --port N, --open        listen there; open the browser

Exit status: 0 all done, 1 something failed, 2 wrong usage, 3 interrupted and resumable,
4 no usable phone. Ctrl-C finishes what is on the wire; a second one ends at once.
`;
