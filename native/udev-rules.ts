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
  if (await everyDeviceIsOpen(outside)) return false;
  const seen = new Set<string>();
  for (const folder of FOLDERS)
    for (const name of await outside.list(folder)) {
      if (!name.endsWith('.rules') || seen.has(name)) continue;
      seen.add(name);
      const text = await outside.read(`${folder}/${name}`);
      // one that cannot be read may be the one
      if (text === undefined) return false;
      const lines = linesOf(text);
      if (lines.some((line) => opensPhones(line, name)) || isAboutMakers(lines, name)) return false;
    }
  // udev has rules on every system: none at all means that they are somewhere else
  return seen.size > 0;
}

const BUSES = '/dev/bus/usb';

/**
 * Whether this person may use every device of the bus that is there, which by udev's own rule is nobody's but root's: then
 * access comes from somewhere that is not looked at here, for phones too. A hub of each bus is always there.
 */
async function everyDeviceIsOpen(outside: Outside): Promise<boolean> {
  let seen = 0;
  for (const bus of await outside.list(BUSES))
    for (const device of await outside.list(`${BUSES}/${bus}`)) {
      if (!(await outside.mayWrite(`${BUSES}/${bus}/${device}`))) return false;
      seen += 1;
    }
  return seen > 0;
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

/**
 * To the person at the screen, to somebody by name, to a group, or to everyone. `MODE` alone: udev's own rule lets everyone
 * read only.
 */
const GRANTS =
  /\bTAG\s*\+?=\s*"uaccess"|\b(?:GROUP|OWNER)\s*:?=\s*"|\bMODE\s*:?=\s*"0?\d\d[2367]"|\bRUN(?:\{program\})?\s*[:+]?=\s*"[^"]*\b(?:chmod|chown|setfacl)\b/u;
/** The interface itself; what libmtp's rules set; what systemd's rules have called a phone beside that. */
const PHONES = /060101|\bID_MTP_DEVICE\b|\bID_MEDIA_PLAYER\b/u;
const ALL_OF_USB = /\bSUBSYSTEMS?\s*==\s*"usb(?:_device)?"/u;
/** Conditions that leave only some devices of the bus. */
const SOME_OF_USB = /\bATTRS?\{|\bENV\{(?!DEVTYPE\})|\bKERNELS?\s*==|\bDRIVERS?\s*==|\bTAGS?\s*==|\bPROGRAM\b/u;

/** Files about phones by their names, such as 51-android.rules, or ours with the rule for one maker's phones. */
const FOR_PHONES = /replug|android|mtp/iu;

/**
 * Makers of phones, by the numbers that the USB association gave them; those of chips and of several trades too, since a
 * rule of one's own names what `lsusb` shows: Google, Samsung, Xiaomi, Motorola, Huawei, HTC, LG, Sony Mobile, OnePlus, Qualcomm, OPPO, vivo, MediaTek, ZTE, Asus, Lenovo, Fairphone, Nokia, HMD, TCL, Nothing, Amazon.
 */
const MAKERS =
  /\{idVendor\}\s*[!=]=\s*"[^"]*(?:18d1|04e8|2717|22b8|12d1|0bb4|1004|0fce|2a70|05c6|22d9|2d95|0e8d|19d2|0b05|17ef|2ae5|0421|2e04|1bbb|2b0e|1949)/iu;
/** Files about other devices, some by the same makers. */
const FOR_OTHERS = /sane|scan|print|hplip|cups|modeswitch|modem|gphoto|fprint|fido|u2f|steam/iu;
/** Rules about what a device becomes in another part of the kernel. */
const OF_OTHER_PARTS = /\b(?:SUBSYSTEM|KERNEL)\s*==\s*"(?:hidraw|input|event|js|tty|net|block|sd|video|sound)/u;

/** A file of any name that gives access and names a maker of phones, in one line or, with jumps and variables, in several. */
function isAboutMakers(lines: readonly string[], file: string): boolean {
  if (FOR_OTHERS.test(file)) return false;
  const ofUsb = lines.filter((line) => !OF_OTHER_PARTS.test(line));
  return ofUsb.some((line) => MAKERS.test(line)) && ofUsb.some((line) => GRANTS.test(line));
}

const opensPhones = (line: string, file: string): boolean =>
  GRANTS.test(line) &&
  (PHONES.test(line) || FOR_PHONES.test(file) || (ALL_OF_USB.test(line) && !SOME_OF_USB.test(line)));
