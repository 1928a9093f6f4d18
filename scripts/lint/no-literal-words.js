// Words for people come from the catalogues in words/, never from the code: a sentence written into a view could not
// be translated, and nobody would notice.
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Where everything that is written is read by people. */
const GUARDED = /^(renderer|electron\/(app|cli))\//;
const TEST_FILE = /\.test\.tsx?$/;

/**
 * Files whose texts are no words of a language, and why.
 * @type {Readonly<Record<string, string>>}
 */
const EXCEPTIONS = {
  'electron/cli/description.ts':
    'forms of commands and options, and examples, the same in every language; what they do comes from the catalogue',
  'electron/app/diagnostics-text.ts': 'diagnostics go to those who mend the program, like a log',
  'renderer/view-models/entry-kind.ts': 'lists of file extensions',
};

/** Attributes that are read or heard. */
const SPOKEN_ATTRIBUTES = new Set([
  'title',
  'label',
  'alt',
  'placeholder',
  'aria-label',
  'aria-description',
  'aria-roledescription',
  'aria-valuetext',
  'name',
  'more',
  'sentence',
  'description',
  'unit',
  'action',
]);
/** Properties whose text is read, in objects that become menus, notices and dialogs. */
const SPOKEN_PROPERTIES = new Set([
  'label',
  'title',
  'body',
  'text',
  'what',
  'remedy',
  'message',
  'sentence',
  'tooltip',
  'checkboxLabel',
  'words',
]);
/** Calls whose text is for logs and programmers, or no text at all. */
const SILENT_CALLS = new Set([
  'count',
  'fail',
  'log',
  'write',
  'Error',
  'RangeError',
  'TypeError',
  'querySelector',
  'closest',
]);
/** Properties that hold technical detail, or the form of a command. */
const SILENT_PROPERTIES = new Set(['detail', 'operation', 'form']);
/** Errors that a person reads: their text is the message. */
const SPOKEN_ERRORS = new Set(['UsageError', 'RangeError']);

const LETTER = /\p{L}/u;
/** Two words and more with a blank between them, or a word with the punctuation of a sentence. */
const SENTENCE = /\p{L}[\p{L}’'-]*[,;:]? +[“(]?\p{L}|\p{L}[.!?…]$|[“”]/u;
/** Names that are the same everywhere. */
const NAMES = /^(Replug|SHA-256|USB|Electron|Chromium|Node)$/u;

/** @type {import('eslint').Rule.RuleModule} */
const rule = {
  meta: {
    type: 'problem',
    schema: [],
    docs: { description: 'words for people come from the catalogues in words/' },
  },
  create(context) {
    const file = path.relative(ROOT, context.filename).split(path.sep).join('/');
    if (!GUARDED.test(file) || TEST_FILE.test(file) || Object.hasOwn(EXCEPTIONS, file)) return {};

    // The TypeScript parser produces node kinds unknown to ESLint's own types, hence `any`.
    /** @param {any} node @param {string} text */
    const refuse = (node, text) =>
      context.report({
        node,
        message: `“${text.trim().slice(0, 60)}” is read by people: put it into words/en and use the compiled words (docs/translating.md).`,
      });

    /** @param {any} node */
    const nameOf = (node) => node?.name?.name ?? node?.property?.name ?? node?.name ?? '';

    /**
     * Whether a text at this place is no word for people: a type, a key, a comparison, a class name, a log line.
     * @param {any} node
     */
    const isSilent = (node) => {
      for (let at = node, above = node.parent; above; at = above, above = above.parent) {
        switch (above.type) {
          case 'ExportNamedDeclaration':
            return above.source === at;
          case 'ImportDeclaration':
          case 'ImportExpression':
          case 'ExportAllDeclaration':
          case 'TSLiteralType':
          case 'TSEnumMember':
            return true;
          case 'BinaryExpression':
            return ['===', '!==', 'in'].includes(above.operator);
          case 'SwitchCase':
            return above.test === at;
          case 'MemberExpression':
            return above.computed && above.property === at;
          case 'Property':
            if ((above.key === at && !above.computed) || SILENT_PROPERTIES.has(nameOf({ name: above.key })))
              return true;
            break;
          case 'JSXAttribute': {
            const name = above.name.type === 'JSXNamespacedName' ? above.name.name.name : above.name.name;
            return !SPOKEN_ATTRIBUTES.has(name);
          }
          case 'NewExpression':
            return (
              above.callee.name === 'RegExp' ||
              (!SPOKEN_ERRORS.has(nameOf(above.callee)) && SILENT_CALLS.has(nameOf(above.callee)))
            );
          case 'CallExpression':
            if (above.arguments.includes(at)) return SILENT_CALLS.has(nameOf(above.callee));
            break;
          case 'ArrowFunctionExpression':
          case 'FunctionExpression':
          case 'FunctionDeclaration':
            if (above.body === at) return false;
            break;
          default:
            break;
        }
      }
      return false;
    };

    /** Whether even a single word at this place is read. @param {any} node */
    const isSpoken = (node) => {
      let at = node;
      while (['ConditionalExpression', 'LogicalExpression', 'JSXExpressionContainer'].includes(at.parent?.type)) {
        if (at.parent.type === 'ConditionalExpression' && at.parent.test === at) return false;
        at = at.parent;
      }
      const above = at.parent;
      if (above?.type === 'JSXAttribute') return !isSilent(at);
      if (above?.type === 'JSXElement' || above?.type === 'JSXFragment') return true;
      return above?.type === 'Property' && above.value === at && SPOKEN_PROPERTIES.has(nameOf({ name: above.key }));
    };

    /** @param {any} node @param {string} text */
    const look = (node, text) => {
      const plain = text.replaceAll('\u0000', '').trim();
      if (!/[\p{L}“”]/u.test(plain) || NAMES.test(plain) || /^\/\S+$/u.test(plain)) return;
      if (isSilent(node)) return;
      // identifiers (`to-phone`, `quiet`) begin small; labels begin with a capital letter
      if (SENTENCE.test(text) || (isSpoken(node) && /^\P{L}*\p{Lu}/u.test(text))) refuse(node, text);
    };

    return {
      /** @param {any} node */
      JSXText(node) {
        if (LETTER.test(node.value) && !NAMES.test(node.value.trim())) refuse(node, node.value);
      },
      /** @param {any} node */
      Literal(node) {
        if (typeof node.value === 'string') look(node, node.value);
      },
      /** @param {any} node */
      TemplateLiteral(node) {
        look(node, node.quasis.map((/** @type {any} */ part) => part.value.cooked ?? '').join('\u0000'));
      },
    };
  },
};

export default rule;
