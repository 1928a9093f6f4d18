// The lint rule behind eslint-rooms.js: resolves each import to a room, a package or `node:*` and looks it up.
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { ALL_IN_ROOMS, FLOORS, GUARDED_PACKAGES, ROOMS, TESTS_BESIDE_CODE } from '../../eslint-rooms.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const TEST_FILE = /\.test\.tsx?$/;

/**
 * @param {string} file path from the root, with forward slashes
 * @returns {import('../../eslint-rooms.js').Room | undefined}
 */
function roomOf(file) {
  return ROOMS.find(({ name }) => file === name || file.startsWith(`${name}/`) || file.startsWith(`${name}.`));
}

/**
 * Why this import is forbidden, or null when it is allowed.
 * @param {string} file importing file, path from the root
 * @param {string} specifier as written in the import
 * @param {boolean} typeOnly
 * @returns {string | null}
 */
function complaintAbout(file, specifier, typeOnly) {
  const room = roomOf(file);
  if (room === undefined) {
    if (!ALL_IN_ROOMS.some((folder) => file.startsWith(`${folder}/`))) return null;
    return `${file} belongs to no room: add its folder to eslint-rooms.js or move it.`;
  }
  const isTest = TEST_FILE.test(file);

  if (specifier.startsWith('.')) {
    const target = path.posix.join(path.posix.dirname(file), specifier.replace(/\?.*$/, ''));
    return (
      complaintAboutFile(room, isTest, target, typeOnly) ?? (isTest ? null : complaintAboutFloor(room, file, target))
    );
  }
  if (specifier.startsWith('node:')) {
    if (isTest && TESTS_BESIDE_CODE.node) return null;
    const port = room.ports?.find(
      ({ modules, only }) => only !== file && modules.includes(specifier.slice('node:'.length)),
    );
    if (port !== undefined) return `Only ${port.only} imports ${specifier}: ${port.why}.`;
    if (room.node) return null;
    return `${room.name} must not import ${specifier}: ${room.why}.`;
  }
  if (isBuiltin(specifier)) return `Write node:${specifier}.`;
  return complaintAboutPackage(room, isTest, specifier);
}

/**
 * The floor of a room that a file is on; `undefined` for those above all floors.
 * @param {import('../../eslint-rooms.js').Room} room
 * @param {string} file path from the root
 */
function floorOf(room, file) {
  // the longest name, because a floor may be inside the folder of another
  return FLOORS[room.name]
    ?.filter(({ name }) => {
      const floor = `${room.name}/${name}`;
      return file.startsWith(`${floor}/`) || file.startsWith(`${floor}.`);
    })
    .sort((one, other) => other.name.length - one.name.length)[0];
}

/**
 * Within a room with floors, imports go down only.
 * @param {import('../../eslint-rooms.js').Room} room
 * @param {string} file path from the root
 * @param {string} target path from the root
 */
function complaintAboutFloor(room, file, target) {
  const floor = floorOf(room, file);
  if (floor === undefined || roomOf(target) !== room) return null;
  const below = floorOf(room, target);
  if (below === floor || (below !== undefined && floor.below.includes(below.name))) return null;
  return `${room.name}/${floor.name} must not import ${target}, which is not below it: ${floor.why}.`;
}

/**
 * @param {import('../../eslint-rooms.js').Room} room
 * @param {boolean} isTest
 * @param {string} target path from the root
 * @param {boolean} typeOnly
 */
function complaintAboutFile(room, isTest, target, typeOnly) {
  const targetRoom = roomOf(target);
  if (targetRoom === undefined) {
    const assets = room.assets ?? [];
    if (assets.some((asset) => asset === '*' || target === asset || target.startsWith(`${asset}/`))) return null;
    return `${room.name} must not import ${target}, which belongs to no room.`;
  }
  if (targetRoom === room || room.rooms.includes('*') || room.rooms.includes(targetRoom.name)) return null;
  if (isTest && TESTS_BESIDE_CODE.rooms.includes(targetRoom.name)) return null;
  if (room.types?.includes(targetRoom.name)) {
    if (typeOnly || isTest) return null;
    return `${room.name} may import only types from ${targetRoom.name}: ${room.why}.`;
  }
  if (room.exceptions?.some((exception) => exception.file === target)) return null;
  return `${room.name} must not import ${targetRoom.name}: ${room.why}.`;
}

/**
 * @param {import('../../eslint-rooms.js').Room} room
 * @param {boolean} isTest
 * @param {string} specifier
 */
function complaintAboutPackage(room, isTest, specifier) {
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
  if (room.packages.includes(name)) return null;
  if (GUARDED_PACKAGES.includes(name)) {
    const owner = ROOMS.find(({ packages }) => packages.includes(name));
    return `Only ${owner?.name} imports ${name}, ${room.name} does not.`;
  }
  if (room.packages.includes('*') || (isTest && TESTS_BESIDE_CODE.packages.includes(name))) return null;
  return `${room.name} must not import the package ${name}: ${room.why}.`;
}

/** @type {import('eslint').Rule.RuleModule} */
const rule = {
  meta: { type: 'problem', schema: [], docs: { description: 'each room imports only what eslint-rooms.js allows it' } },
  create(context) {
    const file = path.relative(ROOT, context.filename).split(path.sep).join('/');

    /**
     * @param {any} node
     * @param {any} source
     * @param {boolean} typeOnly
     */
    const look = (node, source, typeOnly) => {
      if (source === null || source === undefined) return;
      const constant =
        source.type === 'Literal' && typeof source.value === 'string' ? source.value : templateText(source);
      if (constant === null) return;
      const complaint = complaintAbout(file, constant, typeOnly);
      if (complaint !== null) context.report({ node, message: complaint });
    };

    // The TypeScript parser produces node kinds unknown to ESLint's own types, hence `any`.
    return {
      ImportDeclaration: (/** @type {any} */ node) => look(node, node.source, isTypeOnly(node)),
      ExportNamedDeclaration: (/** @type {any} */ node) => look(node, node.source, isTypeOnly(node)),
      ExportAllDeclaration: (/** @type {any} */ node) => look(node, node.source, node.exportKind === 'type'),
      ImportExpression: (/** @type {any} */ node) => look(node, node.source, false),
      TSImportType: (/** @type {any} */ node) => look(node, node.source ?? node.argument?.literal, true),
      TSExternalModuleReference: (/** @type {any} */ node) => look(node, node.expression, false),
      'CallExpression[callee.name="require"]': (/** @type {any} */ node) => look(node, node.arguments[0], false),
    };
  },
};

/** @param {any} node */
function isTypeOnly(node) {
  if (node.importKind === 'type' || node.exportKind === 'type') return true;
  const specifiers = node.specifiers ?? [];
  return (
    specifiers.length > 0 &&
    specifiers.every((/** @type {any} */ one) => one.importKind === 'type' || one.exportKind === 'type')
  );
}

/** @param {any} source */
function templateText(source) {
  return source.type === 'TemplateLiteral' && source.expressions.length === 0 ? source.quasis[0].value.cooked : null;
}

export default rule;
