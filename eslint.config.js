import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { ROOMS } from './eslint-rooms.js';
import destroyInOnePlace from './scripts/lint/destroy-in-one-place.js';
import roomImports from './scripts/lint/room-imports.js';

const TESTS = ['**/*.test.ts', 'tests/**/*.ts', 'bench/**/*.ts'];

export default tseslint.config(
  { ignores: ['out/', 'dist/', 'node_modules/', 'artifacts/', 'coverage/', '.cache/'] },
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
      // Names on phones and computers do contain control characters, and looking for them is our daily work.
      'no-control-regex': 'off',
      // The compiler says this better, with the types of each environment.
      'no-undef': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          // The test runner awaits its own tests.
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
      // An implementation of an asynchronous interface has nothing to wait for when it keeps everything in memory.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // What a test reads back (JSON lines, rows, a page) is checked by its assertions, not by its type.
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
    plugins: { replug: { rules: { 'room-imports': roomImports, 'destroy-in-one-place': destroyInOnePlace } } },
    rules: { 'replug/room-imports': 'error', 'replug/destroy-in-one-place': 'error' },
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
