import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { drawAll } from '../../scripts/icons.ts';

const RESOURCES = path.resolve(import.meta.dirname, '../../resources');
const drawn = drawAll();

const sizeOf = (png: Buffer): number => {
  assert.equal(png.subarray(1, 4).toString('latin1'), 'PNG');
  assert.equal(png.readUInt32BE(16), png.readUInt32BE(20), 'square');
  return png.readUInt32BE(16);
};

test('the committed icons match the drawing', () => {
  for (const [name, content] of drawn) {
    const committed = fs.readFileSync(path.join(RESOURCES, name));
    if (name.endsWith('.png')) assert.equal(sizeOf(committed), sizeOf(content), name);
    // another processor may round a pixel differently
    if (process.platform === 'linux' && process.arch === 'x64') assert.ok(committed.equals(content), name);
  }
});

test('icon.ico contains what Windows needs, each picture where the directory says', () => {
  const ico = fs.readFileSync(path.join(RESOURCES, 'icon.ico'));
  const sizes: number[] = [];
  for (let index = 0; index < ico.readUInt16LE(4); index += 1) {
    const at = 6 + 16 * index;
    const offset = ico.readUInt32LE(at + 12);
    const size = sizeOf(ico.subarray(offset, offset + ico.readUInt32LE(at + 8)));
    assert.equal(ico.readUInt8(at), size % 256);
    sizes.push(size);
  }
  for (const wanted of [16, 32, 48, 256]) assert.ok(sizes.includes(wanted), String(wanted));
});

test('icon.icns contains what macOS needs, and its lengths add up', () => {
  const icns = fs.readFileSync(path.join(RESOURCES, 'icon.icns'));
  assert.equal(icns.toString('latin1', 0, 4), 'icns');
  assert.equal(icns.readUInt32BE(4), icns.length);
  const sizes = new Map<string, number>();
  for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4))
    sizes.set(icns.toString('latin1', at, at + 4), sizeOf(icns.subarray(at + 8, at + icns.readUInt32BE(at + 4))));
  assert.equal(sizes.get('ic10'), 1024);
  assert.equal(sizes.get('ic07'), 128);
  assert.equal(sizes.get('ic11'), 32);
});
