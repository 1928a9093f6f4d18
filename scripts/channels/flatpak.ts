import { METAINFO, metainfo } from './appstream.ts';
import { DESCRIPTION } from './description.ts';
import { desktopEntry } from './desktop-entry.ts';
import type { Release } from './release.ts';

const { id, command } = DESCRIPTION;

/**
 * A Flatpak of the released deb. What the sandbox must let through, and why:
 *
 * - `--device=all`: phones are opened as /dev/bus/usb/…. The portal for USB would do with less, but libusb does not
 *   speak to it. A sandbox installs no udev rule: where the system's own does not cover a phone, the window shows the
 *   rule to install.
 * - `--share=network`: the kernel tells of devices that come and go through the network namespace (flatpak/flatpak#3447,
 *   flathub/shared-modules#276), and the drive is served on 127.0.0.1.
 * - the home folder and other disks: a transfer goes on after a restart, so a file chooser's permission for once is not
 *   enough.
 */
export function flatpak(release: Release): ReadonlyMap<string, string> {
  const deb = (arch: 'x64' | 'arm64'): object => {
    const { url, sha256 } = release.package('deb', arch);
    return {
      type: 'file',
      url,
      sha256,
      'dest-filename': 'replug.deb',
      'only-arches': [arch === 'x64' ? 'x86_64' : 'aarch64'],
    };
  };
  const manifest = {
    id,
    runtime: 'org.freedesktop.Platform',
    'runtime-version': '25.08',
    sdk: 'org.freedesktop.Sdk',
    base: 'org.electronjs.Electron2.BaseApp',
    'base-version': '25.08',
    command,
    'finish-args': [
      '--device=all',
      '--filesystem=home',
      '--filesystem=/media',
      '--filesystem=/mnt',
      '--filesystem=/run/media',
      '--share=ipc',
      '--share=network',
      '--socket=fallback-x11',
      '--socket=wayland',
      '--talk-name=org.freedesktop.Notifications',
      '--talk-name=org.kde.StatusNotifierWatcher',
    ],
    modules: [
      {
        name: command,
        buildsystem: 'simple',
        'build-commands': [
          'ar x replug.deb',
          'tar --extract --file data.tar.*',
          'mkdir -p /app/lib',
          'mv opt/Replug /app/lib/replug',
          ...[64, 128, 256, 512].map(
            (size) =>
              `install -Dm644 usr/share/icons/hicolor/${size}x${size}/apps/replug.png /app/share/icons/hicolor/${size}x${size}/apps/${id}.png`,
          ),
          'install -Dm755 replug.sh /app/bin/replug',
          `install -Dm644 ${id}.desktop -t /app/share/applications`,
          `install -Dm644 ${id}.metainfo.xml -t /app/share/metainfo`,
        ],
        sources: [
          deb('x64'),
          deb('arm64'),
          {
            type: 'script',
            'dest-filename': 'replug.sh',
            commands: ['exec zypak-wrapper /app/lib/replug/replug "$@"'],
          },
          { type: 'file', path: `${id}.desktop` },
          { type: 'file', path: `${id}.metainfo.xml` },
        ],
      },
    ],
  };
  return new Map([
    [`${id}.json`, `${JSON.stringify(manifest, undefined, 2)}\n`],
    [`${id}.desktop`, desktopEntry(id)],
    [METAINFO.replace(/^.*\//, ''), metainfo(release, `${id}.desktop`)],
  ]);
}
