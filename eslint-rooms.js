// Which room may import which. `npm run lint` enforces this table (scripts/lint/room-imports.js), tests/rules/rooms.test.ts
// proves each row, and docs/architecture.md explains it.

/**
 * @typedef {object} Room
 * @property {string} name            its folder, or the path without extension of a single-file room
 * @property {readonly string[]} rooms     other rooms it may import; '*' means every room of the product
 * @property {readonly string[]} [types]   rooms of which it may import types only
 * @property {boolean} node           whether it may import `node:*`
 * @property {readonly Port[]} [ports]  modules of `node:*` that only one of its files may import
 * @property {readonly string[]} packages  packages it may import; '*' means all but the guarded ones below
 * @property {readonly string[]} [assets]  files and folders outside all rooms that it may import
 * @property {readonly Exception[]} [exceptions]  single files it may import from rooms otherwise closed to it
 * @property {readonly string[]} [noGlobals]  globals it must not touch
 * @property {string} why
 */

/**
 * @typedef {object} Port
 * @property {readonly string[]} modules
 * @property {string} only   the file that may import them
 * @property {string} why
 */

/**
 * @typedef {object} Exception
 * @property {string} file
 * @property {string} why
 */

/** Packages that reach outside the process. Each belongs to exactly one room; '*' does not include them. */
export const GUARDED_PACKAGES = ['electron', 'usb', 'koffi', 'better-sqlite3'];

/** Globals of Node and browsers; the core TypeScript projects have no types for them either. */
const OUTSIDE_WORLD = ['Buffer', 'process', 'global', 'window', 'document', 'navigator', 'require', '__dirname'];

const UI_PACKAGES = ['react', 'react-dom', 'zustand', 'radix-ui', 'lucide-react', '@tanstack/react-virtual'];

/** What a test beside the code may import in addition to its room: the test runner, stand-ins, generators. */
export const TESTS_BESIDE_CODE = {
  rooms: ['electron/virtual', 'electron/store', 'electron/mtp', 'shared', 'tests/support'],
  node: true,
  packages: ['fast-check'],
};

/** @type {Port} */
const THE_DISK = {
  modules: ['fs', 'fs/promises'],
  only: 'electron/engine/local/node-disk.ts',
  why: 'files go through the port in electron/engine/local/disk.ts, so that a simulated disk can take its place',
};

/** @type {readonly Room[]} */
export const ROOMS = [
  {
    name: 'shared',
    rooms: [],
    node: false,
    packages: [],
    noGlobals: OUTSIDE_WORLD,
    why: 'the contract runs in the engine and in the window alike',
  },
  {
    name: 'electron/mtp',
    rooms: ['shared'],
    node: false,
    packages: [],
    noGlobals: OUTSIDE_WORLD,
    why: 'the protocol is bytes and values; cable, clock and disk are passed in',
  },
  {
    name: 'electron/usb',
    rooms: ['electron/mtp', 'shared', 'native'],
    node: true,
    packages: ['usb'],
    why: 'the only room that touches the real bus',
  },
  {
    name: 'electron/wpd',
    rooms: ['electron/mtp', 'shared'],
    node: true,
    packages: ['koffi'],
    why: 'the only room that calls COM, in a thread of its own',
  },
  {
    name: 'electron/virtual',
    rooms: ['electron/mtp', 'shared'],
    node: true,
    packages: [],
    why: 'a phone backed by a folder; like a real phone, it knows nothing of the engine',
  },
  {
    name: 'electron/engine',
    rooms: ['electron/mtp', 'shared'],
    node: true,
    packages: [],
    ports: [THE_DISK],
    why: 'bus and store are passed in; it knows neither USB nor SQL nor Electron',
  },
  {
    name: 'electron/sync',
    rooms: ['electron/engine', 'shared'],
    node: true,
    packages: [],
    ports: [THE_DISK],
    why: 'the engine does the work; sync speaks no protocol',
  },
  {
    name: 'electron/photos',
    rooms: ['electron/engine', 'shared'],
    node: true,
    packages: [],
    ports: [THE_DISK],
    why: 'the engine does the work; photos speak no protocol, and know no folder pair',
  },
  {
    name: 'electron/catalogue',
    rooms: ['electron/engine', 'shared'],
    node: true,
    packages: [],
    ports: [THE_DISK],
    why: 'a memory of what phones hold: the engine asks the phone, and knows nothing of it',
  },
  {
    name: 'electron/store',
    rooms: ['shared'],
    types: ['electron/engine', 'electron/sync', 'electron/photos', 'electron/catalogue'],
    node: true,
    packages: ['better-sqlite3'],
    why: 'it implements the store interfaces of engine, sync, photos and catalogue and calls none of them',
  },
  {
    name: 'electron/web',
    rooms: ['electron/compose', 'electron/engine', 'electron/sync', 'electron/catalogue', 'shared'],
    node: true,
    packages: ['ws'],
    assets: ['resources', 'package.json'],
    why: 'a host for the window: no protocol words, no SQL, no other host',
  },
  {
    name: 'electron/dav',
    rooms: ['electron/engine', 'shared'],
    node: true,
    packages: ['saxes'],
    why: 'phones for other programs: the engine does the work, and no window and no terminal is known here',
  },
  {
    name: 'electron/cli',
    rooms: ['electron/compose', 'electron/engine', 'electron/sync', 'electron/photos', 'electron/catalogue', 'shared'],
    node: true,
    packages: [],
    assets: ['package.json'],
    exceptions: [
      {
        file: 'electron/web/index.ts',
        why: '`replug serve`, which is also how the window opens where Electron cannot run, is a command of the CLI',
      },
      { file: 'electron/dav/index.ts', why: '`replug mount`, and the drive of the window that `serve` opens' },
    ],
    why: 'the same engine in a terminal: no protocol words, no SQL',
  },
  {
    name: 'electron/app',
    rooms: ['electron/compose', 'electron/engine', 'electron/sync', 'electron/catalogue', 'shared'],
    node: true,
    packages: ['electron', 'electron-updater'],
    assets: ['resources', 'package.json'],
    exceptions: [
      { file: 'electron/dav/index.ts', why: 'the drive of the window' },
      { file: 'electron/cli/for-terminal.ts', why: 'where it is installed as `replug`, a typed command is run' },
    ],
    why: 'the only room that knows Electron',
  },
  {
    name: 'electron/compose',
    rooms: [
      'electron/mtp',
      'electron/usb',
      'electron/wpd',
      'electron/virtual',
      'electron/engine',
      'electron/sync',
      'electron/photos',
      'electron/catalogue',
      'electron/store',
      'shared',
    ],
    node: true,
    packages: [],
    assets: ['package.json'],
    why: 'it wires the rooms into one engine for app, web and cli, and so depends on none of them',
  },
  {
    name: 'native',
    rooms: ['shared'],
    node: true,
    packages: [],
    why: 'one file per operating system; only the real bus uses it',
  },
  {
    name: 'renderer',
    rooms: ['shared'],
    node: false,
    packages: UI_PACKAGES,
    assets: ['resources'],
    why: 'the same code runs sandboxed in Electron and in a plain browser',
  },

  // Not part of the product: may import every room, but guarded packages only through their owner.
  { name: 'tests/support', rooms: ['*'], node: true, packages: [], why: 'stand-ins for tests beside the code' },
  { name: 'tests', rooms: ['*'], node: true, packages: ['*'], assets: ['*'], why: 'what spans rooms' },
  { name: 'bench', rooms: ['*'], node: true, packages: ['*'], assets: ['*'], why: 'what spans rooms' },
  { name: 'scripts', rooms: ['*'], node: true, packages: ['*'], assets: ['*'], why: 'tooling' },
];

/**
 * @typedef {object} Floor
 * @property {string} name   a folder of the room, or a file without its extension
 * @property {readonly string[]} below  other floors it may import
 * @property {string} why
 */

/**
 * The floors inside a large room, lowest first. Imports, including type imports, only go down, so floors cannot form a
 * cycle. Files on no floor are above all floors; no floor imports them.
 * @type {Readonly<Record<string, readonly Floor[]>>}
 */
export const FLOORS = {
  'electron/mtp': [
    { name: 'ports', below: [], why: 'the cable, the clock and the options of a call, as types' },
    { name: 'buffer-pool', below: [], why: 'memory for transports and transfers; it knows neither' },
    { name: 'wire', below: [], why: 'bytes and datasets; it knows no cable and no order of events' },
    { name: 'session', below: ['ports', 'wire'], why: 'transactions on a cable; it knows no file and no folder' },
    { name: 'phone', below: ['ports', 'wire', 'session'], why: 'files and folders, in transactions' },
  ],
  'electron/engine': [
    {
      name: 'model',
      below: [],
      why: 'an item, its states, and the interface of the store; otherwise pure',
    },
    { name: 'api', below: ['model'], why: 'the interface for other rooms, and the clock' },
    { name: 'local', below: ['model'], why: 'files of this computer; it knows no phone' },
    {
      name: 'devices',
      below: ['model', 'api', 'local'],
      why: 'phones that come and go, and their contents; no transfers',
    },
    { name: 'context', below: ['model', 'api', 'local', 'devices'], why: 'what the floors above share' },
    { name: 'reading', below: ['api', 'devices'], why: 'files of phones read at any place; it knows no transfer' },
    {
      name: 'files',
      below: ['model', 'api', 'local', 'devices', 'context', 'reading'],
      why: 'what other programs do to files of a phone, at once; it knows no queue',
    },
    { name: 'pictures', below: ['api', 'local', 'devices', 'reading'], why: 'thumbnails; no transfers' },
    { name: 'transfer', below: ['model', 'local', 'devices'], why: 'moving one item, in either direction' },
    {
      name: 'transfer/upload',
      below: ['model', 'local', 'devices', 'transfer'],
      why: 'one item to the phone; it knows no queue and no download',
    },
    {
      name: 'transfer/download',
      below: ['model', 'local', 'devices', 'transfer'],
      why: 'one item from the phone; it knows no queue and no upload',
    },
    { name: 'plan', below: ['model', 'local', 'devices', 'context'], why: 'a request becomes items; nothing is moved' },
    {
      name: 'queue',
      below: [
        'model',
        'api',
        'local',
        'devices',
        'context',
        'plan',
        'transfer',
        'transfer/upload',
        'transfer/download',
      ],
      why: 'which item runs when, and how it ends; shows nothing',
    },
    {
      name: 'verifying',
      below: ['api', 'local', 'devices', 'context', 'transfer', 'plan'],
      why: 'what is here compared with what is on a phone; it changes neither',
    },
    {
      name: 'looking',
      below: ['api', 'local', 'devices', 'reading'],
      why: 'what is seen of one file; nothing is kept',
    },
    {
      name: 'opening',
      below: ['model', 'api', 'local', 'devices', 'context', 'reading', 'looking', 'transfer', 'queue'],
      why: 'copies that programs open, and the way back to the phone',
    },
    {
      name: 'snapshots',
      below: ['model', 'api', 'devices', 'context', 'queue'],
      why: 'what windows show; changes nothing',
    },
  ],
};

/** Folders in which every source file must belong to a room. */
export const ALL_IN_ROOMS = ['shared', 'electron', 'native', 'renderer', 'tests', 'bench', 'scripts'];
