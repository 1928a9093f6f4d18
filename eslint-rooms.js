// Who may import whom. This table is what `npm run lint` executes (scripts/lint/room-imports.js) and what
// tests/rules/rooms.test.ts proves row by row; docs/architecture.md explains it.

/**
 * @typedef {object} Room
 * @property {string} name            its folder, or for a room of one file its path without the extension
 * @property {readonly string[]} rooms     other rooms it may import; '*' means every room of the product
 * @property {readonly string[]} [types]   rooms of which it may import types only
 * @property {boolean} node           whether it may import `node:*`
 * @property {readonly Port[]} [ports]  parts of `node:*` that only one of its files may import
 * @property {readonly string[]} packages  packages it may import ('*': any but the guarded ones below)
 * @property {readonly string[]} [assets]  folders or files of the project outside all rooms that it may import
 * @property {readonly Exception[]} [exceptions]  single files it may import although their room is closed to it
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

/** Packages that let the outside in. Each has exactly one room; '*' does not open them. */
export const GUARDED_PACKAGES = ['electron', 'usb', 'better-sqlite3'];

/** Globals of Node and of browsers; the core programs have no types for them either. */
const OUTSIDE_WORLD = ['Buffer', 'process', 'global', 'window', 'document', 'navigator', 'require', '__dirname'];

const UI_PACKAGES = ['react', 'react-dom', 'zustand', 'radix-ui', 'lucide-react', '@tanstack/react-virtual'];

/** What tests beside the code may import on top of what their room may: the test runner, the stand-ins, generators. */
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
    why: 'the protocol is bytes and values; the cable, the clock and the disk come in as arguments',
  },
  {
    name: 'electron/usb',
    rooms: ['electron/mtp', 'shared', 'native'],
    node: true,
    packages: ['usb'],
    why: 'the only room that touches the real bus',
  },
  {
    name: 'electron/virtual',
    rooms: ['electron/mtp', 'shared'],
    node: true,
    packages: [],
    why: 'a phone made of a folder; it must know the engine no better than a real phone does',
  },
  {
    name: 'electron/engine',
    rooms: ['electron/mtp', 'shared'],
    node: true,
    packages: [],
    ports: [THE_DISK],
    why: 'it is handed a bus and a store and knows neither USB nor SQL nor Electron',
  },
  {
    name: 'electron/sync',
    rooms: ['electron/engine', 'shared'],
    node: true,
    packages: [],
    ports: [THE_DISK],
    why: 'it hands its work to the engine and speaks no protocol',
  },
  {
    name: 'electron/store',
    rooms: ['shared'],
    types: ['electron/engine', 'electron/sync'],
    node: true,
    packages: ['better-sqlite3'],
    why: 'it implements the store types of engine and sync and calls nothing of theirs',
  },
  {
    name: 'electron/web',
    rooms: ['electron/compose', 'electron/engine', 'electron/sync', 'shared'],
    node: true,
    packages: ['ws'],
    assets: ['resources', 'package.json'],
    why: 'a host for the window: no protocol words, no SQL, no other host',
  },
  {
    name: 'electron/cli',
    rooms: ['electron/compose', 'electron/engine', 'electron/sync', 'shared'],
    node: true,
    packages: [],
    assets: ['package.json'],
    exceptions: [
      {
        file: 'electron/web/index.ts',
        why: '`replug serve`, which is also how the window opens where Electron cannot run, is a command of the CLI',
      },
    ],
    why: 'the same engine in a terminal: no protocol words, no SQL',
  },
  {
    name: 'electron/app',
    rooms: ['electron/compose', 'electron/engine', 'electron/sync', 'shared'],
    node: true,
    packages: ['electron', 'electron-updater'],
    assets: ['resources', 'package.json'],
    why: 'the only room that knows Electron',
  },
  {
    name: 'electron/compose',
    rooms: [
      'electron/mtp',
      'electron/usb',
      'electron/virtual',
      'electron/engine',
      'electron/sync',
      'electron/store',
      'shared',
    ],
    node: true,
    packages: [],
    assets: ['package.json'],
    why: 'it joins rooms into one engine and is used by app, web and cli, so it can know none of them',
  },
  {
    name: 'native',
    rooms: ['shared'],
    node: true,
    packages: [],
    why: 'one file per operating system; only the real bus asks it',
  },
  {
    name: 'renderer',
    rooms: ['shared'],
    node: false,
    packages: UI_PACKAGES,
    assets: ['resources'],
    why: 'the same code runs sandboxed in Electron and in a plain browser',
  },

  // Not part of the product: they may look into every room, but go through the owner of a guarded package.
  { name: 'tests/support', rooms: ['*'], node: true, packages: [], why: 'stand-ins for tests beside the code' },
  { name: 'tests', rooms: ['*'], node: true, packages: ['*'], assets: ['*'], why: 'what spans rooms' },
  { name: 'bench', rooms: ['*'], node: true, packages: ['*'], assets: ['*'], why: 'what spans rooms' },
  { name: 'scripts', rooms: ['*'], node: true, packages: ['*'], assets: ['*'], why: 'tooling' },
];

/**
 * @typedef {object} Floor
 * @property {string} name   a folder of the room, or a file without its extension
 * @property {readonly string[]} below  floors it may import besides itself
 * @property {string} why
 */

/**
 * The floors inside a large room, lowest first: imports go down only, types too, so there is no circle between floors.
 * Files of the room that are on no floor stand above all of them; no floor imports those.
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
      why: 'an item, its states and where they are kept; pure but for the port of the store',
    },
    { name: 'api', below: ['model'], why: 'what other rooms ask of an engine, and its clock' },
    { name: 'local', below: ['model'], why: 'files of this computer; it knows no phone' },
    {
      name: 'devices',
      below: ['model', 'api', 'local'],
      why: 'phones that come and go, and what is on them; no transfer',
    },
    { name: 'context', below: ['model', 'api', 'local', 'devices'], why: 'what all that follows is given' },
    { name: 'pictures', below: ['api', 'local', 'devices'], why: 'thumbnails; they know no transfer' },
    { name: 'transfer', below: ['model', 'local', 'devices'], why: 'what moving one item takes, in either direction' },
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
      why: 'which item is worked on when, and what becomes of it; it shows nothing',
    },
    {
      name: 'snapshots',
      below: ['model', 'api', 'devices', 'context', 'queue'],
      why: 'what a window is shown; it changes nothing',
    },
  ],
};

/** Folders in which every source file must belong to a room. */
export const ALL_IN_ROOMS = ['shared', 'electron', 'native', 'renderer', 'tests', 'bench', 'scripts'];
