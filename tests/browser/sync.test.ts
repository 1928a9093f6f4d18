import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { seriousFindings } from './axe.ts';
import { openWindow, shoot } from './browser.ts';
import { startRealHost } from './real-host.ts';

test('a ready-made pair: added, looked at, run, searched, taken away', { timeout: 60_000 }, async (t) => {
  const host = await startRealHost({
    phone: ['name=Pixel 8'],
    furnish: (phone) => {
      fs.mkdirSync(path.join(phone, 'DCIM/Camera'), { recursive: true });
      for (const name of ['one.jpg', 'two.jpg', 'three.mp4']) {
        const file = path.join(phone, 'DCIM/Camera', name);
        fs.writeFileSync(file, name);
        fs.utimesSync(file, 1_710_000_000, 1_710_000_000);
      }
    },
  });
  const { page, close } = await openWindow(host.url);
  t.after(async () => {
    await close();
    await host.stop();
  });
  await page.getByRole('grid').waitFor();
  await page.getByRole('button', { name: 'Sync', exact: true }).click();
  await page.getByRole('listitem').filter({ hasText: 'Back up camera' }).getByRole('button', { name: 'Add' }).click();
  const card = page.getByRole('listitem', { name: 'Back up camera' });
  await card.getByRole('button', { name: 'Preview' }).click();
  await card.getByText('3 files to copy').waitFor();
  await card.getByText('three.mp4').waitFor();
  await shoot(page, 'sync');
  assert.deepEqual(await seriousFindings(page), []);
  await card.getByRole('button', { name: 'Run now' }).click();
  await card.getByText('3 files copied').waitFor({ timeout: 20_000 });
  const copies = path.join(host.local, 'Pictures/Pixel 8/Camera/2024/03');
  assert.deepEqual(fs.readdirSync(copies).sort(), ['one.jpg', 'three.mp4', 'two.jpg']);
  await card.getByRole('button', { name: 'Files' }).click();
  await card.getByRole('searchbox').fill('two');
  await card.getByText('Camera/two.jpg').waitFor();
  await card.getByRole('button', { name: 'History' }).click();
  await card.getByLabel('Runs of the pair').getByText('3 files copied').waitFor();
  // the files of the phone show what is safe
  await page.getByRole('button', { name: 'Camera', exact: true }).click();
  await page
    .getByRole('row', { name: /two\.jpg/ })
    .getByLabel('Backed up')
    .waitFor();
  await shoot(page, 'sync-signs');
  await page.getByRole('button', { name: 'Sync', exact: true }).click();
  await card.getByRole('button', { name: 'Remove the pair' }).click();
  await card.waitFor({ state: 'detached' });
  assert.equal(fs.readdirSync(copies).length, 3);
});
