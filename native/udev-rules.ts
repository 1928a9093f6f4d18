import type { Outside } from './native.ts';

/** The udev rule that gives the user at the screen access to every phone with a still-image interface (6/1/1). */
export const RULE_FOR_ALL =
  'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ENV{ID_USB_INTERFACES}=="*:060101:*", TAG+="uaccess"';

/** Where udev looks for rules, most important first: a file hides those of the same name further down (man 7 udev). */
const FOLDERS = [
  '/etc/udev/rules.d',
  '/run/udev/rules.d',
  '/usr/local/lib/udev/rules.d',
  '/usr/lib/udev/rules.d',
  '/lib/udev/rules.d',
] as const;

/**
 * Whether this system surely has no rule that lets the person at the screen open phones. systemd and elogind bring one
 * (70-uaccess.rules), and so do Replug's packages; who runs Replug without either has none. False wherever that cannot
 * be told.
 */
export async function ruleIsMissing(outside: Outside): Promise<boolean> {
  // without udev, access is given in another way (mdev, a container); a Flatpak sees its runtime's rules, not the system's
  if (!(await outside.list('/run/udev')).includes('control')) return false;
  if ((await outside.read('/.flatpak-info')) !== undefined) return false;
  if (await isRoot(outside)) return false;
  const seen = new Set<string>();
  for (const folder of FOLDERS)
    for (const name of await outside.list(folder)) {
      if (!name.endsWith('.rules') || seen.has(name)) continue;
      seen.add(name);
      const text = await outside.read(`${folder}/${name}`);
      // one that cannot be read may be the one
      if (text === undefined || linesOf(text).some((line) => opensPhones(line, name))) return false;
    }
  // udev has rules on every system: none at all means that they are somewhere else
  return seen.size > 0;
}

async function isRoot(outside: Outside): Promise<boolean> {
  // real, effective, saved and file system id
  const ids = /^Uid:\s+\d+\s+(\d+)/mu.exec((await outside.read('/proc/self/status')) ?? '');
  return ids?.[1] === '0';
}

/** Rules, one each: a backslash at the end of a line continues it, and lines that begin with # are comments. */
const linesOf = (text: string): readonly string[] =>
  text
    .replaceAll(/\\\r?\n/gu, ' ')
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'));

/** To the person at the screen, to a group, or to everyone. `MODE` alone: udev's own rule lets everyone read only. */
const GRANTS = /\bTAG\s*\+?=\s*"uaccess"|\bGROUP\s*:?=\s*"|\bMODE\s*:?=\s*"0?\d\d[2367]"/u;
/** The interface itself; what libmtp's rules set; what systemd's rules have called a phone beside that. */
const PHONES = /060101|\bID_MTP_DEVICE\b|\bID_MEDIA_PLAYER\b/u;
const ALL_OF_USB = /\bSUBSYSTEMS?\s*==\s*"usb(?:_device)?"/u;
/** Conditions that leave only some devices of the bus. */
const SOME_OF_USB = /\bATTRS?\{|\bENV\{(?!DEVTYPE\})|\bKERNELS?\s*==|\bDRIVERS?\s*==|\bTAGS?\s*==|\bPROGRAM\b/u;

/** Files about phones by their names, such as 51-android.rules, or ours with the rule for one maker's phones. */
const FOR_PHONES = /replug|android|mtp/iu;

const opensPhones = (line: string, file: string): boolean =>
  GRANTS.test(line) &&
  (PHONES.test(line) || FOR_PHONES.test(file) || (ALL_OF_USB.test(line) && !SOME_OF_USB.test(line)));
