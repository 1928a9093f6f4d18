import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CliWorld } from './replug.ts';

/** The language of the terminal program, as a person sees it; what programs read stays English. */

test('--language translates the output and the help, wherever it stands', async (t) => {
  const world = new CliWorld(t);
  const said = await world.bare('--no-usb', 'ls', '--language', 'de');
  assert.match(said.err, /Es ist kein .* verbunden|Kein .* verbunden/u);
  assert.doesNotMatch(said.err, /No phone/u);
  const help = await world.bare('--language=ja', '--help');
  assert.match(help.out, /使い方|使用方法/u);
  assert.match(help.out, /replug \[OPTION\]\.\.\. COMMAND/u, 'what is typed is the same in every language');
  assert.equal(help.exit, 0);
});

test('there are no isolates in the terminal, from right to left either', async (t) => {
  const world = new CliWorld(t);
  const said = await world.bare('--no-usb', '--language', 'ar', 'ls', '/أ');
  assert.match(said.err, /لا يوجد هاتف متصل/u);
  assert.doesNotMatch(said.err, /[\u2066-\u2069\u200e\u200f]/u);
});

test('JSON is English in every language', async (t) => {
  const world = new CliWorld(t);
  const said = await world.bare('--no-usb', '--json', '--language', 'de', 'ls');
  assert.match(said.out, /No phone is connected\./u);
});

test('a language that Replug does not speak is wrong usage, and the known ones are named', async (t) => {
  const world = new CliWorld(t);
  const said = await world.bare('--no-usb', '--language', 'xx', 'ls');
  assert.equal(said.exit, 2);
  assert.match(said.err, /--language .*\bde\b.*\bpt-BR\b.*“xx”/u);
});
