import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { seriousFindings } from './axe.ts';
import { openWindow, shoot, shootBoth, type Window } from './browser.ts';
import { startRealHost, type RealHost } from './real-host.ts';

/** “Show as a drive” in the menu of a phone, where the system mounts nothing, and where it does. */
for (const isMounted of [false, true])
  describe(`a phone as a drive, ${isMounted ? 'mounted' : 'not mounted'}`, { concurrency: false }, () => {
    let host: RealHost;
    let window: Window;
    let bin: string;

    before(async () => {
      bin = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-bin-'));
      for (const name of ['gio', 'xdg-open'])
        fs.writeFileSync(path.join(bin, name), `#!/bin/sh\nexit ${isMounted ? 0 : 1}\n`, { mode: 0o755 });
      const found = process.env['PATH'];
      process.env['PATH'] = `${bin}:${found ?? ''}`;
      host = await startRealHost({
        phone: ['name=Pixel 8'],
        furnish: (phone) => {
          fs.writeFileSync(path.join(phone, 'a.txt'), 'from the phone');
        },
      });
      process.env['PATH'] = found;
      window = await openWindow(host.url);
    });
    after(async () => {
      await window.close();
      await host.stop();
      fs.rmSync(bin, { recursive: true, force: true });
    });

    test('from the menu of the phone, by mouse and by keyboard', { timeout: 60_000 }, async () => {
      const { page } = window;
      const phone = page.locator('.sidebar').getByText('Pixel 8').first();
      await phone.click({ button: 'right' });
      const item = page.getByRole('menuitem', { name: 'Show as a drive' });
      await item.waitFor();
      // while a menu is open, what lies behind it is hidden from axe as from people
      await shoot(page, 'drive-menu');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      if (isMounted) {
        await page.getByText(/is a drive now/).waitFor();
        await shootBoth(page, 'drive-mounted', async (theme) => {
          assert.deepEqual(await seriousFindings(page), [], theme);
        });
        return;
      }
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      const url = (await dialog.locator('pre').innerText()).trim();
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/Pixel%208\/$/);
      await shootBoth(page, 'drive-address', async (theme) => {
        assert.deepEqual(await seriousFindings(page), [], theme);
      });
      const file = await fetch(`${url}Internal%20shared%20storage/a.txt`);
      assert.equal(await file.text(), 'from the phone');
      // a page cannot use it, although it knows the address here
      const answer = await page.evaluate(
        (address) =>
          fetch(address).then(
            ({ status }) => status,
            () => 'refused',
          ),
        url,
      );
      assert.equal(answer, 'refused');
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    });
  });
