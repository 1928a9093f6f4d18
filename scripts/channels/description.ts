/**
 * What Replug is, said once. Every channel's files, the Linux packages and package.json's description come from here;
 * nothing about the program is written into a channel by hand.
 */
export const DESCRIPTION = {
  name: 'Replug',
  command: 'replug',
  /** For AppStream and Flatpak, which read `….desktop` as the name of a file; elsewhere electron-builder.yml's appId. */
  id: 'app.replug.Replug',
  developer: { id: 'app.replug', name: 'Replug contributors' },
  license: 'MIT',
  /** Without a full stop; at most 80 characters, which Homebrew and Arch demand; not beginning with the name. */
  summary: 'Move files to and from Android phones, with transfers that resume',
  paragraphs: [
    'Replug copies files between this computer and an Android phone over the cable. When the cable is pulled, the phone restarts or the computer sleeps, the transfer goes on from the last confirmed byte as soon as the phone is back, and the copy is verified at the end.',
    'The phone needs no app and no developer options, only “File transfer” in its USB settings.',
  ],
  features: [
    'Resumes interrupted transfers in both directions',
    'Verifies copies, by samples or every byte, and says what was checked',
    'Deletes or replaces a file only after another look at it',
    'Keeps folders in sync, with a preview',
    'A window and a command line over the same engine',
  ],
  keywords: ['Android', 'MTP', 'phone', 'transfer'],
  /** Of freedesktop.org's menu specification. */
  categories: ['Utility', 'FileTools'],
  /** Below docs/images, first the one that is shown first. */
  screenshots: [
    { file: 'window-light.png', caption: 'A folder of the phone, and the transfers below' },
    { file: 'unplugged.png', caption: 'The cable was pulled: transfers wait and go on by themselves' },
    { file: 'pictures.png', caption: 'Pictures of the phone' },
  ],
  /** Interfaces of the phones it opens (class 6, subclass 1, protocol 1), as a modalias. */
  hardware: 'usb:v*p*d*dc*dsc*dp*ic06isc01ip01in*',
} as const;
