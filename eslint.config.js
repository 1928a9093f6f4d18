import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { ROOMS } from './eslint-rooms.js';
import destroyInOnePlace from './scripts/lint/destroy-in-one-place.js';
import noLiteralWords from './scripts/lint/no-literal-words.js';
import roomImports from './scripts/lint/room-imports.js';

const TESTS = ['**/*.test.ts', 'tests/**/*.ts', 'bench/**/*.ts'];

export default tseslint.config(
  { ignores: ['out/', 'dist/', 'node_modules/', 'shared/words/made/', 'artifacts/', 'coverage/', '.cache/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,

  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: [
          './tsconfig.core.json',
          './tsconfig.node.json',
          './tsconfig.web.json',
          './tsconfig.window-tests.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: 'error',
      // File names on phones and computers can contain control characters, and the code looks for them.
      'no-control-regex': 'off',
      // TypeScript checks this, with the types of each environment.
      'no-undef': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          // The test runner awaits its tests itself.
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite', 'before', 'after'] },
          ],
        },
      ],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      // In-memory implementations of asynchronous interfaces have nothing to await.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Values that tests read back (JSON lines, rows, pages) are checked by assertions, not by types.
    files: TESTS,
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly' } },
  },

  {
    files: ['**/*.ts', '**/*.tsx', '**/*.js'],
    plugins: {
      replug: {
        rules: {
          'room-imports': roomImports,
          'destroy-in-one-place': destroyInOnePlace,
          'no-literal-words': noLiteralWords,
        },
      },
    },
    rules: {
      'replug/room-imports': 'error',
      'replug/destroy-in-one-place': 'error',
      'replug/no-literal-words': 'error',
    },
  },
  ...ROOMS.flatMap((room) =>
    room.noGlobals === undefined
      ? []
      : [
          {
            files: [`${room.name}/**/*.ts`],
            ignores: ['**/*.test.ts'],
            rules: {
              'no-restricted-globals': /** @type {['error', ...object[]]} */ ([
                'error',
                ...room.noGlobals.map((name) => ({ name, message: `${room.name}: ${room.why}.` })),
              ]),
            },
          },
        ],
  ),
);
