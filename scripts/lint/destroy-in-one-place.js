// Enforces "nothing is destroyed on hearsay": deleting, overwriting, renaming over or truncating files that a person
// may own goes through one file on each side, which checks again and requires evidence.
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const GUARDED = /^electron\/(engine|sync)\//;
const TEST_FILE = /\.test\.ts$/;

const ON_PHONE = 'electron/engine/devices/destroy-on-phone.ts';
const HERE = 'electron/engine/local/destroy-local.ts';

/**
 * Files that may do more than others, and why. Each name is a function of `node:fs`, or `phone.` with a call on a
 * phone.
 * @type {Readonly<Record<string, { readonly may: readonly string[], readonly why: string }>>}
 */
const EXCEPTIONS = {
  [ON_PHONE]: { may: ['phone.delete', 'phone.rename', 'phone.truncate'], why: 'the one place of the phone’s side' },
  [HERE]: { may: ['unlink', 'rm', 'rmdir', 'rename', 'truncate'], why: 'the one place of the computer’s side' },
  'electron/engine/devices/phone-changes.ts': {
    may: ['phone.copy', 'phone.move'],
    why: 'a person moves and copies on the phone; the target is looked at right before, since Android copies over things',
  },
  'electron/engine/local/local-files.ts': {
    may: ['rm'],
    why: 'removes the empty file it has just made with an exclusive create, to see whether the disk ignores case',
  },
  'electron/engine/pictures/cache.ts': {
    may: ['rm', 'rename', 'writeFile'],
    why: 'works in its own cache folder, whose files can be made again',
  },
};

const DESTROYS = ['unlink', 'rm', 'rmdir', 'rename', 'truncate', 'ftruncate', 'copyFile', 'cp', 'writeFile'];
const DESTROYING_IMPORTS = new Set([...DESTROYS, ...DESTROYS.map((name) => `${name}Sync`), 'createWriteStream']);
const ON_A_PHONE = new Set(['delete', 'rename', 'truncate', 'copy', 'move']);

/** @param {string} name as imported */
const plain = (name) => name.replace(/Sync$/, '');

/** @type {import('eslint').Rule.RuleModule} */
const rule = {
  meta: {
    type: 'problem',
    schema: [],
    docs: { description: 'files and objects are destroyed only where they are looked at again' },
  },
  create(context) {
    const file = path.relative(ROOT, context.filename).split(path.sep).join('/');
    if (!GUARDED.test(file) || TEST_FILE.test(file)) return {};
    const may = new Set(EXCEPTIONS[file]?.may);

    // The TypeScript parser produces node kinds unknown to ESLint's own types, hence `any`.
    /**
     * @param {any} node
     * @param {string} what
     * @param {string} where
     */
    const refuse = (node, what, where) => {
      if (!may.has(what)) context.report({ node, message: `${what} destroys: go through ${where}, with evidence.` });
    };
    return {
      ImportDeclaration: (/** @type {any} */ node) => {
        if (!/^(node:)?fs(\/promises)?$/.test(node.source.value) || node.importKind === 'type') return;
        for (const specifier of node.specifiers) {
          if (specifier.type !== 'ImportSpecifier')
            context.report({
              node: specifier,
              message: 'Import the functions of node:fs by name, so that they are seen.',
            });
          else if (DESTROYING_IMPORTS.has(specifier.imported.name))
            refuse(specifier, plain(specifier.imported.name), HERE);
        }
      },
      CallExpression: (/** @type {any} */ node) => {
        const { callee } = node;
        if (callee.type === 'Identifier' && callee.name === 'open' && opensEmpty(node.arguments[1]))
          context.report({
            node,
            message: `open with "w" empties what is there: go through ${HERE}, or open with "wx".`,
          });
        if (callee.type !== 'MemberExpression' || callee.computed) return;
        const name = callee.property.name;
        if (ON_A_PHONE.has(name) && isPhone(callee.object)) refuse(node, `phone.${name}`, ON_PHONE);
        else if (name === 'truncate') refuse(node, name, HERE);
      },
      // `const { rename } = phone` would hide the call from this rule
      VariableDeclarator: (/** @type {any} */ node) => {
        if (node.id.type !== 'ObjectPattern' || node.init === null || !isPhone(node.init)) return;
        for (const property of node.id.properties)
          if (property.type === 'Property' && ON_A_PHONE.has(property.key.name))
            refuse(property, `phone.${property.key.name}`, ON_PHONE);
      },
    };
  },
};

/**
 * Whether an expression is called a phone: `phone`, `x.phone`, `this.#phone`.
 * @param {any} node
 */
function isPhone(node) {
  const name = node.type === 'MemberExpression' ? node.property.name : node.name;
  return name === 'phone';
}

/** @param {any} flags second argument of `open` */
const opensEmpty = (flags) => flags?.type === 'Literal' && /^w\+?$/.test(String(flags.value));

export default rule;
