import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProgram } from './program-names.ts';

test('what a system would run is a program, however its name is dressed up', () => {
  for (const name of [
    'setup.exe',
    'SETUP.EXE',
    'a.apk',
    'run.sh',
    'Files.desktop',
    'link.lnk',
    'do.command',
    'photo.jpg.exe',
    'photo.jpg                     .scr',
    'a.exe.',
    'a.exe . .',
    'a.e\u200bxe',
    'photo\u202egpj.exe',
    '.exe',
    '/opened/0123.replug-copy/a.ps1',
    'disk.iso',
    'a.app',
  ])
    assert.equal(isProgram(name), true, name);
});

test('what is shown is none', () => {
  for (const name of [
    'a.jpg',
    'a.pdf',
    'notes.txt',
    'exe',
    'a.exe.txt',
    'movie.mp4',
    'README',
    'a.docx',
    'page.html',
    '',
  ])
    assert.equal(isProgram(name), false, name);
});
