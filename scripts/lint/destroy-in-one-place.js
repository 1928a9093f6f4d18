// Enforces "nothing is destroyed on hearsay": deleting, overwriting, renaming over or truncating files that a person
// may own goes through one file per side, which looks again first and requires evidence.
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const GUARDED = /^electron\/(engine|sync|photos)\//;
const TEST_FILE = /\.test\.ts$/;

const ON_PHONE = 'electron/engine/devices/destroy-on-phone.ts';
const HERE = 'electron/engine/local/destroy-local.ts';

const CALLS_OF_A_DISK = ['unlink', 'unlinkIf', 'rm', 'rmdir', 'rename', 'renameIf', 'truncate'];

/**
 * Files that may do more than others, and why. Each name is a call on the computer's disk, or `phone.` with a
 * call on a phone.
 * @type {Readonly<Record<string, { readonly may: readonly string[], readonly why: string }>>}
 */
const EXCEPTIONS = {
  [ON_PHONE]: { may: ['phone.delete', 'phone.rename', 'phone.truncate'], why: 'the one place of the phone’s side' },
  [HERE]: { may: [...CALLS_OF_A_DISK], why: 'the one place of the computer’s side' },
  'electron/engine/devices/move-on-phone.ts': {
    may: ['phone.copy', 'phone.move'],
    why: 'moves and copies within a phone: callers look whether the name is free, this looks whether it was done',
  },
  'electron/engine/pictures/cache.ts': {
    may: ['unlink', 'rename'],
    why: 'works in its own cache folder, whose files can be made again',
  },
};

const ON_A_DISK = new Set(CALLS_OF_A_DISK);
const ON_A_PHONE = new Set(['delete', 'rename', 'truncate', 'copy', 'move']);

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
      CallExpression: (/** @type {any} */ node) => {
        const { callee } = node;
        if (callee.type !== 'MemberExpression' || callee.computed) return;
        const name = callee.property.name;
        if (ON_A_PHONE.has(name) && isCalled('phone', callee.object)) refuse(node, `phone.${name}`, ON_PHONE);
        else if (name === 'truncate' || (ON_A_DISK.has(name) && isCalled('disk', callee.object)))
          refuse(node, name, HERE);
      },
      // `const { rename } = phone` would hide the call from this rule
      VariableDeclarator: (/** @type {any} */ node) => {
        if (node.id.type !== 'ObjectPattern' || node.init === null) return;
        for (const property of node.id.properties) {
          if (property.type !== 'Property') continue;
          const { name } = property.key;
          if (ON_A_PHONE.has(name) && isCalled('phone', node.init)) refuse(property, `phone.${name}`, ON_PHONE);
          if (ON_A_DISK.has(name) && isCalled('disk', node.init)) refuse(property, name, HERE);
        }
      },
    };
  },
};

/**
 * Whether an expression is called by this name: `phone`, `x.phone`, `this.#phone`.
 * @param {string} what
 * @param {any} node
 */
function isCalled(what, node) {
  return (node.type === 'MemberExpression' ? node.property.name : node.name) === what;
}

export default rule;
