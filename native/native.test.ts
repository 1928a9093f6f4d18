import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describeAdvice } from '../shared/errors.ts';
import { classify, LinuxNative, mountFor, mountsOf, udevRule } from './linux.ts';
import { MacNative, programsIn } from './macos.ts';
import type { Outside, UsbPlace } from './native.ts';
import { RULE_FOR_ALL } from './udev-rules.ts';

const place: UsbPlace = { bus: 3, address: 7, vendorId: 0x18d1, productId: 0x4ee1 };

interface World {
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly folders?: Readonly<Record<string, readonly string[]>>;
  readonly outputs?: Readonly<Record<string, string>>;
  /** Files that may be read and written. */
  readonly writable?: readonly string[];
}

function outside(world: World): Outside & { readonly ran: string[] } {
  const ran: string[] = [];
  return {
    ran,
    pid: 1000,
    run: (program, args) => {
      const line = [program, ...args].join(' ');
      ran.push(line);
      return Promise.resolve({ code: 0, output: world.outputs?.[line] ?? '' });
    },
    list: (folder) => Promise.resolve(world.folders?.[folder] ?? []),
    read: (file) => Promise.resolve(world.files?.[file]),
    link: (file) => Promise.resolve(world.links?.[file]),
    mayWrite: (file) => Promise.resolve(world.writable?.includes(file) ?? false),
  };
}

void test('Linux: the holder is the program with the device node open; a real holder comes before a watcher', async () => {
  const world = outside({
    folders: {
      '/proc': ['1', '1000', '77', '88', '99', 'self', 'bus'],
      '/proc/1/fd': ['0'],
      '/proc/1000/fd': ['9'],
      '/proc/77/fd': ['0', '12'],
      '/proc/88/fd': ['5'],
      '/proc/99/fd': ['6'],
    },
    links: {
      '/proc/1/fd/0': '/dev/null',
      '/proc/1000/fd/9': '/dev/bus/usb/003/007',
      '/proc/77/fd/0': '/dev/null',
      '/proc/77/fd/12': '/dev/bus/usb/003/007',
      '/proc/88/fd/5': '/dev/bus/usb/003/007',
      '/proc/99/fd/6': '/dev/bus/usb/003/008',
    },
    files: {
      '/proc/77/cmdline': '/usr/lib/gvfs/gvfs-mtp-volume-monitor\0',
      '/proc/77/comm': 'gvfs-mtp-volume\n',
      '/proc/88/cmdline': 'aft-mtp-cli\0get\0x\0',
      '/proc/88/comm': 'aft-mtp-cli\n',
    },
  });
  assert.deepEqual(await new LinuxNative(world).holderOf(place), {
    program: 'aft-mtp-cli',
    pid: 88,
    releasable: false,
  });
  assert.equal(await new LinuxNative(outside({})).holderOf(place), undefined);
});

void test('Linux: programs are classified', () => {
  const kinds: readonly (readonly [string, string, string])[] = [
    ['/usr/libexec/gvfsd-mtp\0--spawner\0', 'gvfsd-mtp', 'gvfs'],
    ['/usr/libexec/gvfsd-gphoto2\0', 'gvfsd-gphoto2', 'gvfs'],
    ['/usr/bin/kiod6\0', 'kiod6', 'kde'],
    ['/usr/lib/x86_64-linux-gnu/libexec/kf6/kioworker\0', 'kioworker', 'kde'],
    ['jmtpfs\0/mnt\0', 'jmtpfs', 'mount'],
    ['/usr/bin/go-mtpfs\0', 'go-mtpfs', 'mount'],
    ['aft-mtp-mount\0/mnt\0', 'aft-mtp-mount', 'mount'],
    ['/usr/bin/qemu-system-x86_64\0-usb\0', 'qemu-system-x86', 'virtual-machine'],
    ['/usr/lib/virtualbox/VirtualBoxVM\0', 'VirtualBoxVM', 'virtual-machine'],
    ['mtp-detect\0', 'mtp-detect', 'tool'],
    ['', 'kworker', 'other'],
    ['/opt/thing\0', 'thing', 'other'],
  ];
  for (const [cmdline, comm, kind] of kinds) assert.equal(classify(5, cmdline, comm).kind, kind, cmdline);
});

const GIO = `Drive(0): KINGSTON
  Type: GProxyDrive (GProxyVolumeMonitorUDisks2)
Volume(0): Pixel 9
  Type: GProxyVolume (GProxyVolumeMonitorMTP)
  Mount(0): Pixel 9 -> mtp://Google_Pixel_9_ABC123/
    Type: GProxyShadowMount (GProxyVolumeMonitorMTP)
Mount(1): mtp -> mtp://Google_Pixel_9_ABC123/
  Type: GDaemonMount
Mount(2): Canon -> gphoto2://%5Busb%3A003%2C009%5D/
  Type: GDaemonMount
`;

void test('Linux: the right gvfs mount is unmounted', async () => {
  const mounts = mountsOf(GIO);
  assert.deepEqual(mounts, ['mtp://Google_Pixel_9_ABC123/', 'gphoto2://%5Busb%3A003%2C009%5D/']);
  assert.equal(mountFor(mounts, place, 'ABC123'), mounts[0]);
  assert.equal(mountFor(mounts, { ...place, address: 9 }, 'other'), mounts[1]);
  assert.equal(mountFor(mounts, place, 'other'), undefined, 'never another phone');
  assert.equal(mountFor(['mtp://x/'], place, undefined), 'mtp://x/');

  const world = outside({
    folders: { '/proc': ['88'], '/proc/88/fd': ['5'], '/sys/bus/usb/devices': ['usb3', '3-1'] },
    links: { '/proc/88/fd/5': '/dev/bus/usb/003/007' },
    files: {
      '/proc/88/cmdline': '/usr/libexec/gvfsd-mtp\0',
      '/sys/bus/usb/devices/3-1/busnum': '3\n',
      '/sys/bus/usb/devices/3-1/devnum': '7\n',
      '/sys/bus/usb/devices/3-1/serial': 'ABC123\n',
    },
    outputs: { 'gio mount -l': GIO },
  });
  const linux = new LinuxNative(world);
  assert.equal((await linux.holderOf(place))?.releasable, true);
  assert.equal(await linux.release(place), true);
  assert.equal(world.ran.at(-1), 'gio mount -u mtp://Google_Pixel_9_ABC123/');
});

void test('Linux: the fix for a missing permission is the exact udev rule', () => {
  assert.equal(
    udevRule(0x18d1),
    'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="18d1", TAG+="uaccess"',
  );
  const advice = new LinuxNative(outside({})).forbiddenAdvice(place);
  assert.ok(describeAdvice(advice).includes(`\n${udevRule(0x18d1)}\n`), describeAdvice(advice));
});

/** A system with udev and these rules, by their paths, for a person who is not root. */
function withRules(
  rules: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
  { folders: others = {}, writable = [] }: Pick<World, 'folders' | 'writable'> = {},
): LinuxNative {
  const folders: Record<string, readonly string[]> = { '/run/udev': ['control', 'data'], ...others };
  for (const file of Object.keys(rules)) {
    const cut = file.lastIndexOf('/');
    const folder = file.slice(0, cut);
    folders[folder] = [...(folders[folder] ?? []), file.slice(cut + 1)];
  }
  const status = 'Name:\tnode\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\n';
  return new LinuxNative(outside({ folders, files: { '/proc/self/status': status, ...rules, ...more }, writable }));
}

/** Rules that every system has: everyone may look at USB devices, and a group may print. */
const ORDINARY = {
  '/usr/lib/udev/rules.d/50-udev-default.rules': [
    '# USB: ENV{ID_USB_INTERFACES}=="*:060101:*", TAG+="uaccess" is elsewhere',
    'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", MODE="0664"',
    'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ENV{ID_USB_INTERFACES}=="*:0701??:*", GROUP="lp"',
    'SUBSYSTEM=="input", GROUP="input"',
  ].join('\n'),
  '/usr/lib/udev/rules.d/73-seat-late.rules': 'TAG=="uaccess", ENV{MAJOR}!="", RUN{builtin}+="uaccess"\n',
  '/usr/lib/udev/rules.d/60-board.rules': 'SUBSYSTEM=="usb", ATTR{idVendor}=="2341", MODE="0666", TAG+="uaccess"\n',
};
const SYSTEMD = '/usr/lib/udev/rules.d/70-uaccess.rules';
const SYSTEMD_RULE = 'SUBSYSTEM=="usb", ENV{ID_USB_INTERFACES}=="*:060101:*", TAG+="uaccess"\n';
/** Why each rule, by file, must or must not count. */
const RULES_THAT_OPEN: readonly (readonly [why: string, file: string, text: string])[] = [
  ['systemd’s', SYSTEMD, SYSTEMD_RULE],
  ['on two lines', SYSTEMD, 'SUBSYSTEM=="usb", ENV{ID_USB_INTERFACES}=="*:060101:*", \\\n  TAG+="uaccess"\n'],
  [
    'that of Replug’s packages',
    '/usr/lib/udev/rules.d/69-replug.rules',
    readFileSync(new URL('../resources/linux/69-replug.rules', import.meta.url), 'utf8'),
  ],
  ['for the phones of one maker', '/etc/udev/rules.d/69-replug.rules', udevRule(0x18d1)],
  [
    'of a list of makers',
    '/lib/udev/rules.d/51-android.rules',
    'ATTR{idVendor}=="18d1", ENV{adb_user}="yes"\nENV{adb_user}=="yes", TAG+="uaccess"\n',
  ],
  [
    'libmtp’s, for a group',
    '/usr/lib/udev/rules.d/69-media.rules',
    'ENV{ID_MTP_DEVICE}=="1", SYMLINK+="libmtp-%k", MODE="660", GROUP="plugdev"\n',
  ],
  ['for all of USB', '/etc/udev/rules.d/99-usb.rules', 'SUBSYSTEM=="usb", MODE="0666"\n'],
  [
    'for one’s own phone, in a file of any name',
    '/etc/udev/rules.d/99-mine.rules',
    'SUBSYSTEM=="usb", ATTR{idVendor}=="04E8", ATTR{idProduct}=="6860", MODE="0660", GROUP="users"\n',
  ],
  [
    'with a jump over all other makers',
    '/etc/udev/rules.d/10-local.rules',
    'ATTR{idVendor}!="18d1|22b8", GOTO="end"\nMODE:="0666"\nLABEL="end"\n',
  ],
  [
    'for somebody by name',
    '/etc/udev/rules.d/10-ann.rules',
    'ATTRS{idVendor}=="2717", ENV{mine}="1"\nENV{mine}=="1", OWNER="ann"\n',
  ],
  [
    'by a program',
    '/etc/udev/rules.d/80-acl.rules',
    'ATTR{idVendor}=="2a70", RUN+="/usr/bin/setfacl -m u:ann:rw $devnode"\n',
  ],
];
const RULES_THAT_DO_NOT: readonly (readonly [why: string, rules: Readonly<Record<string, string>>])[] = [
  ['there is none', {}],
  ['it is a comment', { [SYSTEMD]: `# ${SYSTEMD_RULE}` }],
  ['it is no file of rules', { [`${SYSTEMD}.dpkg-old`]: SYSTEMD_RULE }],
  ['it only makes a link', { '/lib/udev/rules.d/69-libmtp.rules': 'ENV{ID_MTP_DEVICE}=="1", SYMLINK+="libmtp-%k"\n' }],
  [
    'it is for a scanner of a maker of phones',
    { '/usr/lib/udev/rules.d/60-libsane1.rules': 'ATTRS{idVendor}=="04e8", MODE="0664", GROUP="scanner"\n' },
  ],
  [
    'it is for a controller of a maker of phones',
    { '/usr/lib/udev/rules.d/60-games.rules': 'KERNEL=="hidraw*", ATTRS{idVendor}=="0b05", TAG+="uaccess"\n' },
  ],
  [
    'it names phones and gives no access',
    { '/usr/lib/udev/rules.d/70-power.rules': 'ATTR{idVendor}=="18d1", ATTR{power/control}="on"\n' },
  ],
  // a link to /dev/null reads as an empty file
  ['it is masked', { '/etc/udev/rules.d/70-uaccess.rules': '', [SYSTEMD]: SYSTEMD_RULE }],
];

void test('Linux: a missing rule is told before there is a phone, and the one that is shown ends it', async () => {
  for (const [why, rules] of RULES_THAT_DO_NOT) {
    const [check, ...others] = await withRules({ ...ORDINARY, ...rules }).checks();
    assert.deepEqual(others, [], why);
    if (check?.kind !== 'no-rule') assert.fail(`nothing is told, but ${why}`);
    assert.equal(check.advice.with.rule, RULE_FOR_ALL);
    assert.ok(describeAdvice(check.advice).includes(`\n${RULE_FOR_ALL}\n`));
    const { file, rule } = check.advice.with;
    assert.deepEqual(await withRules({ ...ORDINARY, ...rules, [file]: `${rule}\n` }).checks(), [], why);
  }
});

void test('Linux: no rule is missing where one opens phones, to the person, a group or everyone', async () => {
  for (const [why, file, text] of RULES_THAT_OPEN)
    assert.deepEqual(await withRules({ ...ORDINARY, [file]: text }).checks(), [], why);
});

void test('Linux: nothing is told where it cannot be known', async () => {
  assert.deepEqual(await new LinuxNative(outside({})).checks(), [], 'no udev');
  assert.deepEqual(await withRules({}).checks(), [], 'no rule at all: they are elsewhere');
  assert.deepEqual(await withRules(ORDINARY, { '/.flatpak-info': '[Application]\n' }).checks(), [], 'in a Flatpak');
  const root = { '/proc/self/status': 'Uid:\t1000\t0\t0\t0\n' };
  assert.deepEqual(await withRules(ORDINARY, root).checks(), [], 'root opens everything');
  const [hub, other] = ['/dev/bus/usb/001/001', '/dev/bus/usb/002/001'];
  const buses = { '/dev/bus/usb': ['001', '002'], '/dev/bus/usb/001': ['001'], '/dev/bus/usb/002': ['001'] };
  assert.deepEqual(
    await withRules(ORDINARY, {}, { folders: buses, writable: [hub, other] }).checks(),
    [],
    'all is open',
  );
  for (const more of [{ folders: buses, writable: [hub] }, { folders: buses }, { writable: [hub] }])
    assert.equal((await withRules(ORDINARY, {}, more).checks()).length, 1, JSON.stringify(more));
  const unreadable = outside({
    folders: { '/run/udev': ['control'], '/etc/udev/rules.d': ['99-secret.rules'] },
    files: { '/proc/self/status': 'Uid:\t1000\t1000\t1000\t1000\n' },
  });
  assert.deepEqual(await new LinuxNative(unreadable).checks(), [], 'a file that cannot be read');
});

const PS = `    1 /sbin/launchd
  301 /usr/sbin/cfprefsd
  412 /System/Library/Image Capture/Support/icdd
  512 /usr/libexec/ptpcamerad
  530 /System/Library/PrivateFrameworks/MobileSlideshow.framework/mscamerad-xpc
  640 /Users/ann/Library/Application Support/Google/Android File Transfer/Android File Transfer Agent.app/Contents/MacOS/Android File Transfer Agent
  655 /Applications/Google Drive.app/Contents/MacOS/Google Drive
  700 /System/Applications/Photos.app/Contents/MacOS/Photos
 1000 /Applications/OpenMTP.app/Contents/MacOS/OpenMTP
`;

void test('macOS: the camera services are named first and ended only on request; agents come back on quit', async () => {
  assert.deepEqual(
    programsIn(PS).map((program) => [program.pid, program.releasable]),
    [
      [512, true],
      [530, true],
      [412, true],
      [640, true],
      [700, false],
      [1000, false],
      [655, false],
    ],
  );
  const world = outside({ outputs: { '/bin/ps -axo pid=,comm=': PS } });
  const mac = new MacNative(world);
  assert.deepEqual(await mac.holderOf(), {
    program: 'macOS (ptpcamerad)',
    pid: 512,
    releasable: true,
  });
  assert.equal(
    world.ran.some((line) => line.startsWith('/bin/kill')),
    false,
    'looking changes nothing',
  );
  assert.equal(await mac.release(place), true);
  assert.deepEqual(
    world.ran.filter((line) => line.startsWith('/bin/kill')),
    ['-TERM 640', '-KILL 412', '-KILL 530', '-KILL 512'].map((one) => `/bin/kill ${one}`),
  );
  await mac.putBack();
  await mac.putBack();
  assert.deepEqual(
    world.ran.filter((line) => line.startsWith('/usr/bin/open')),
    [
      '/usr/bin/open -g /Users/ann/Library/Application Support/Google/Android File Transfer/Android File Transfer Agent.app',
    ],
  );
});

void test('macOS: programs that take each phone are told before there is one; only Android File Transfer is made to quit', async () => {
  const both = `${PS}  641 /Applications/Android File Transfer.app/Contents/MacOS/Android File Transfer\n`;
  const world = outside({ outputs: { '/bin/ps -axo pid=,comm=': both } });
  const native = new MacNative(world);
  assert.deepEqual(
    await native.checks(),
    [
      { kind: 'takes-phones', program: 'Android File Transfer', releasable: true },
      { kind: 'takes-phones', program: 'Photos', releasable: false },
    ],
    'once each; not the camera services, nor what only takes phones when told to, nor Replug itself',
  );
  for (const name of ['Photos', 'Google Drive', 'macOS (ptpcamerad)', 'Finder'])
    assert.equal(await native.quitProgram(name), false, name);
  const changes = () => world.ran.filter((line) => !line.startsWith('/bin/ps'));
  assert.deepEqual(changes(), [], 'looking changes nothing, and only what was named may be ended');
  assert.equal(await native.quitProgram('Android File Transfer'), true);
  assert.deepEqual(changes(), ['/bin/kill -TERM 641', '/bin/kill -TERM 640']);
  await native.putBack();
  assert.equal(world.ran.filter((line) => line.startsWith('/usr/bin/open')).length, 2, 'both come back');
  assert.deepEqual(await new MacNative(outside({})).checks(), []);
});

/** A Mac with preferences, as `defaults` keeps them: text by domain and key. */
function mac(preferences: Map<string, string>, ps = PS): Outside & { readonly ran: string[]; broken: boolean } {
  const plain = outside({ outputs: { '/bin/ps -axo pid=,comm=': ps } });
  const self = {
    ...plain,
    broken: false,
    run: async (program: string, args: readonly string[], limitMs: number) => {
      const ran = await plain.run(program, args, limitMs);
      if (program !== '/usr/bin/defaults') return ran;
      if (self.broken) return { code: -1, output: '' };
      const [verb, domain, key, ...value] = args;
      const name = `${domain ?? ''} ${key ?? ''}`;
      const now = preferences.get(name);
      switch (verb) {
        case 'read':
          return now === undefined ? { code: 1, output: '' } : { code: 0, output: `${now}\n` };
        case 'delete':
          preferences.delete(name);
          return { code: 0, output: '' };
        default:
          if (value[0] === '-dict-add')
            preferences.set(
              name,
              now?.replace(/autolaunchPath = ".*";/u, 'autolaunchPath = "";') ?? '{\n    autolaunchPath = "";\n}',
            );
          else preferences.set(name, value.at(-1) ?? '');
          return { code: 0, output: '' };
      }
    },
  };
  return self;
}

const CAMERA = 'com.apple.ImageCaptureCore Device-18D1-4EE1-ABC123';
const phone: UsbPlace = { ...place, serial: 'ABC123' };
const opens = (path: string): string => `{\n    autolaunchPath = "${path}";\n    other = 1;\n}`;

void test('macOS: “No application” is set for this phone before the services are ended, and put back on quit', async () => {
  for (const before of [undefined, opens('/System/Applications/Photos.app')]) {
    const preferences = new Map(before === undefined ? [] : [[CAMERA, before]]);
    const world = mac(preferences);
    const native = new MacNative(world);
    assert.equal(await native.release(phone), true);
    assert.match(preferences.get(CAMERA) ?? '', /autolaunchPath = "";/u);
    const set = world.ran.findIndex((line) => line.includes('-dict-add'));
    const ended = world.ran.findIndex((line) => line.startsWith('/bin/kill'));
    assert.ok(set >= 0 && set < ended, 'set first: the services read it when they come back');
    await native.release(phone);
    await native.putBack();
    assert.deepEqual(
      [...preferences],
      before === undefined ? [] : [[CAMERA, before]],
      'as it was, and nothing of ours',
    );
  }
});

void test('macOS: what was set before is put back even after a crash', async () => {
  const preferences = new Map([[CAMERA, opens('/Applications/Lightroom.app')]]);
  await new MacNative(mac(preferences)).release(phone);
  const next = new MacNative(mac(preferences));
  await next.putBack();
  assert.match(preferences.get(CAMERA) ?? '', /= "";/u, 'not of a phone that this run has not met');
  await next.release(phone);
  await next.putBack();
  assert.deepEqual([...preferences], [[CAMERA, opens('/Applications/Lightroom.app')]]);
});

void test('macOS: what a person chose stays, before and since', async () => {
  const chosen = new Map([[CAMERA, opens('')]]);
  const native = new MacNative(mac(chosen));
  await native.release(phone);
  await native.putBack();
  assert.deepEqual([...chosen], [[CAMERA, opens('')]]);

  const since = new Map<string, string>();
  const other = new MacNative(mac(since));
  await other.release(phone);
  since.set(CAMERA, opens('/Applications/Capture One.app'));
  await other.putBack();
  assert.deepEqual([...since], [[CAMERA, opens('/Applications/Capture One.app')]]);
});

void test('macOS: preferences that cannot be read are left alone, and a failed return is made up for later', async () => {
  const preferences = new Map([[CAMERA, opens('/System/Applications/Photos.app')]]);
  const world = mac(preferences);
  world.broken = true;
  const native = new MacNative(world);
  assert.equal(await native.release(phone), true, 'the services are ended all the same');
  assert.ok(!world.ran.some((line) => line.startsWith('/usr/bin/defaults write')));
  world.broken = false;
  await native.release(phone);
  world.broken = true;
  await native.putBack();
  world.broken = false;
  await native.putBack();
  assert.deepEqual([...preferences], [[CAMERA, opens('/System/Applications/Photos.app')]]);
});

void test('macOS: nothing is set where no service of the system is in the way, and a phone may have no serial number', async () => {
  const preferences = new Map<string, string>();
  await new MacNative(
    mac(preferences, '640 /x/Android File Transfer.app/Contents/MacOS/Android File Transfer\n'),
  ).release(phone);
  assert.deepEqual([...preferences], []);
  for (const serial of ['', undefined]) {
    await new MacNative(mac(preferences)).release({ ...place, ...(serial === undefined ? {} : { serial }) });
    assert.ok(preferences.has('com.apple.ImageCaptureCore Device-18D1-4EE1'));
  }
});
