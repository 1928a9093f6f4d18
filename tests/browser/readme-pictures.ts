// Creates the pictures of the README: node tests/browser/readme-pictures.ts
import fs from 'node:fs';
import path from 'node:path';
import { transferId } from '../../shared/domain.ts';
import { ROOT, openWindow, settled } from './browser.ts';
import { NOW, SPEEDS, furnish, phone, tablet, transfer } from './material.ts';
import { landscapeUrl } from './pictures.ts';
import { ScriptedHost } from './scripted-host.ts';

const OUT = path.join(ROOT, 'docs/images');
fs.mkdirSync(OUT, { recursive: true });

const host = new ScriptedHost();
furnish(host);
host.answers.thumbnail = ({ place }) => ({ url: place.path.endsWith('.jpg') ? landscapeUrl(place.path) : undefined });
host.say('devices', { devices: [phone()] });
const { page, close } = await openWindow(await host.start(), { width: 1040, height: 660, scale: 1.5 });
const take = async (name: string, theme: 'light' | 'dark'): Promise<void> => {
  await page.emulateMedia({ colorScheme: theme });
  await page.mouse.move(560, 646);
  await settled(page);
  await page.screenshot({ path: path.join(OUT, `${name}.png`) });
};

const counts = transfer().counts;
const queue = [
  transfer(),
  transfer({
    id: transferId('t2'),
    title: 'Camera',
    direction: 'download',
    destination: '/home/ann/Pictures',
    state: 'queued',
    speed: undefined,
    timeLeft: undefined,
    bytesTotal: 9.2e9,
    bytesConfirmed: 4.7e9,
  }),
  transfer({
    id: transferId('t4'),
    title: 'Documents',
    destination: '/Documents',
    state: 'done',
    finishedAt: NOW,
    counts: { ...counts, total: 41, done: 41, moved: { files: 40, folders: 1 } },
    bytesTotal: 91e6,
    bytesConfirmed: 91e6,
    speed: undefined,
  }),
];
host.say('transfers', { state: 'running', speedHistory: SPEEDS, transfers: queue });
await page.getByRole('button', { name: 'Downloads' }).click();
await page.getByRole('row', { name: /Fahrplan/ }).click();
await take('window-light', 'light');
await take('window-dark', 'dark');

host.say('transfers', { state: 'idle', speedHistory: [], transfers: [] });
await page.getByRole('button', { name: 'Camera' }).click();
await page.getByRole('button', { name: 'Grid' }).click();
await page.locator('.tile').nth(2).click();
await page.keyboard.press('Control+i');
await page.waitForTimeout(1200);
await take('pictures', 'light');

host.say('devices', { devices: [phone({ storages: [] }, { kind: 'locked' })] });
await page.getByText('Unlock Pixel 8').waitFor();
await take('unlock', 'light');

host.say('transfers', {
  state: 'running',
  speedHistory: [],
  transfers: [transfer({ state: 'waiting', waitingFor: { kind: 'phone' }, speed: undefined, timeLeft: undefined })],
});
host.say('devices', { devices: [phone({ storages: [] }, { kind: 'gone', since: NOW }), tablet()].slice(0, 1) });
await page.getByText('Pixel 8 is unplugged').waitFor();
await take('unplugged', 'light');

await close();
await host.stop();
