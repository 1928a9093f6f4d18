import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesFor, treeOf } from '../worlds/world.ts';
import { driveWorld, succeed } from './drive-world.ts';

/**
 * GVfs, which file managers of Linux mount the drive with, in a session bus of its own: by `gio`, and as a folder through its
 * FUSE server. Its WebDAV cannot append to a file, whatever serves: that is refused before the drive hears of it.
 */

/** GVfs takes its time for each; `GIO_FILES=1000` for the long form. */
const FILES = Number(process.env['GIO_FILES'] ?? 100);

/** Runs in a session bus: `$1` is the drive's address, `$2` a folder of ours, `$3` the storage below the drive. */
const SCRIPT = `set -e
export HOME="$2/home" XDG_RUNTIME_DIR="$2/run"
mkdir -p -m 700 "$HOME" "$XDG_RUNTIME_DIR" "$XDG_RUNTIME_DIR/gvfs"
/usr/libexec/gvfsd --no-fuse > "$2/gvfsd.log" 2>&1 & daemon=$!
sleep 1
gio mount "$1"
/usr/libexec/gvfsd-fuse "$XDG_RUNTIME_DIR/gvfs" -f > "$2/fuse.log" 2>&1 & fuse=$!
trap 'gio mount --unmount --force "$1" || true; kill $fuse $daemon; wait' EXIT
for i in $(seq 100); do ls "$XDG_RUNTIME_DIR"/gvfs/dav* > /dev/null 2>&1 && break; sleep 0.1; done
S="$(echo "$XDG_RUNTIME_DIR"/gvfs/dav*)/$3"
cp -r "$2/source" "$S/tree"
(cd "$S/tree" && find . -type f -print0 | sort -z | xargs -0 sha256sum) > "$2/sums"
(cd "$2/source" && find . -type f -print0 | sort -z | xargs -0 sha256sum) > "$2/expected"
cmp "$2/sums" "$2/expected"
cp -r "$S/tree" "$2/back"
mv "$S/tree/folder 1" "$S/moved"
mv "$S/moved/file 1.bin" "$S/moved/renamed.bin"
sh -c 'printf more >> "$1"' sh "$S/moved/renamed.bin" && exit 9
gio rename "$4folder%20of%20gio.bin" "by gio.bin"
gio copy "$4by%20gio.bin" "$2/by gio.bin"
rm -r "$S/tree"
`;

test('gio: files in through FUSE, compared, out, moved and away', async (t) => {
  const { drive, url, inside, folder, on } = await driveWorld(t);
  const source = join(folder, 'source');
  for (let number = 0; number < FILES; number += 1) {
    const path = join(source, `folder ${number % 10}/file ${number}.bin`);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, bytesFor(String(number), (number * 131) % 20_000));
  }
  writeFileSync(on('folder of gio.bin'), bytesFor('gio', 5_000_000));
  const dav = (address: string): string => address.replace('http:', 'dav:');
  const args = ['--', 'sh', '-c', SCRIPT, 'sh', dav(drive.url), folder, inside, dav(url)];
  await succeed('dbus-run-session', args, { limitMs: 60_000 + FILES * 500 });
  assert.deepEqual(await treeOf(join(folder, 'back')), await treeOf(source));
  assert.ok(readFileSync(join(folder, 'by gio.bin')).equals(bytesFor('gio', 5_000_000)));
  assert.ok(readFileSync(on('moved/renamed.bin')).equals(readFileSync(join(source, 'folder 1/file 1.bin'))));
  assert.equal(readdirSync(on('moved')).length, FILES / 10);
  assert.deepEqual(readdirSync(on('')).sort(), ['by gio.bin', 'moved']);
});
