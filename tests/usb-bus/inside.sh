#!/bin/sh
# Runs a command where /dev and /sys/bus are the bus's own: `unshare --mount … inside.sh FOLDER COMMAND…`. The mounts are
# seen nowhere else and go with the command. FOLDER is an empty one; what programs need of /dev is bound into it first.
set -e
folder=$1
shift
mount -t tmpfs -o mode=755 usb-bus "$folder"
for name in null zero full random urandom tty fuse; do
  if [ -e "/dev/$name" ]; then
    : > "$folder/$name"
    mount --bind "/dev/$name" "$folder/$name"
  fi
done
for name in shm pts; do
  if [ -d "/dev/$name" ]; then
    mkdir "$folder/$name"
    mount --rbind "/dev/$name" "$folder/$name"
  fi
done
ln -s pts/ptmx "$folder/ptmx"
ln -s /proc/self/fd "$folder/fd"
ln -s /proc/self/fd/0 "$folder/stdin"
ln -s /proc/self/fd/1 "$folder/stdout"
ln -s /proc/self/fd/2 "$folder/stderr"
mount --rbind "$folder" /dev
mount -t tmpfs -o mode=755 usb-bus /sys/bus
exec "$@"
