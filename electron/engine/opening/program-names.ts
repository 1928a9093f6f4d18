import { basename } from 'node:path';

/** Names of files that a system would run instead of showing them. */

const RUN = new Set(
  [
    // Windows: programs, scripts of its hosts, installers, what changes the system when opened, disk images it mounts
    'exe com bat cmd pif scr cpl msc msi msp mst msix msixbundle appx appxbundle appinstaller application gadget hta',
    'inf ins isp job js jse jsx vb vbe vbs ws wsc wsf wsh wsx ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psm1 reg scf sct shb shs',
    'lnk url website library-ms search-ms searchconnector-ms settingcontent-ms theme themepack diagcab chm hlp msh msh1',
    'msh2 xll xbap appref-ms ade adp mde iso img vhd vhdx',
    // macOS
    'app command tool terminal workflow action scpt scptd applescript jxa dmg pkg mpkg mobileconfig configprofile',
    'webloc fileloc inetloc osx prefpane saver qlgenerator kext dylib',
    // Linux
    'sh bash zsh csh ksh fish dash desktop run bin bundle appimage flatpak flatpakref flatpakrepo snap deb rpm out elf so',
    // interpreters that systems register
    'py pyc pyw pyz pyzw pl pm rb php phar lua tcl tk awk jar jnlp class ipa apk apks xapk apkm aab',
  ]
    .join(' ')
    .split(' '),
);

/** Signs that change how a name is read, not what it is, and what Windows drops at its end. */
const UNSEEN = /[\p{Cc}\p{Cf}]/gu;
const DROPPED_END = /[. ]+$/;

/**
 * Whether a file of this name is a program or a script, which is never started. Told by its extension, as systems do:
 * without invisible signs, and without the spaces and dots at the end that Windows drops.
 */
export function isProgram(name: string): boolean {
  const plain = basename(name).replaceAll(UNSEEN, '').replace(DROPPED_END, '').toLowerCase();
  const dot = plain.lastIndexOf('.');
  return dot !== -1 && RUN.has(plain.slice(dot + 1).trim());
}
