#!/bin/sh
# A program that shows the phone as a file system, and `cp` and `ls` on it:
#   mounted.sh PROGRAM MOUNTPOINT list|get|put REMOTE LOCAL
# REMOTE is a folder in the root of the first storage. "begin" and "end" frame the work on standard output. An upload has
# ended when the file system has been unmounted: these programs send a file after it has been closed.
set -e
mkdir -p "$2"
case $1 in
  jmtpfs) jmtpfs -f "$2" > /dev/null 2>&1 & ;;
  *) "$1" "$2" > /dev/null 2>&1 & ;;
esac
folder=
tries=0
while [ -z "$folder" ]; do
  for found in "$2"/*/"$4"; do
    if [ -d "$found" ]; then folder=$found; fi
  done
  tries=$((tries + 1))
  if [ $tries -gt 300 ]; then
    echo "nothing is mounted" >&2
    exit 1
  fi
  sleep 0.05
done
echo begin
case $3 in
  list) count=$(ls -l "$folder" | grep -c '^-' || true) ;;
  get) cp "$folder"/* "$5" && count=$(ls "$5" | wc -l) ;;
  put) cp "$5"/* "$folder" && count=$(ls "$5" | wc -l) ;;
esac
if [ "$3" = put ]; then
  fusermount -u "$2"
  wait
fi
echo end
echo "$count files"
if [ "$3" != put ]; then
  fusermount -u "$2"
  wait
fi
