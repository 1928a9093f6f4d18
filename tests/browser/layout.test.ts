// The measuring of the layout itself, on small pages: it must find what it is there to find.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openWindow, type Window } from './browser.ts';
import { cutOff, outOfReach } from './layout.ts';

describe('what the layout tests find', () => {
  let window: Window;
  before(async () => {
    window = await openWindow('about:blank', { width: 600, height: 400 });
  });
  after(() => window.close());

  const found = async (body: string): Promise<readonly string[]> => {
    await window.page.setContent(`<body style="margin:0;font:16px/20px sans-serif">${body}`);
    return cutOff(window.page);
  };
  const NARROW = 'width:60px;white-space:nowrap;overflow:hidden';
  const LONG = 'Words that need far more space';

  test('words cut by their own box, by one around it, and in height', async () => {
    assert.match((await found(`<div style="${NARROW}">${LONG}</div>`)).join(), /^cut: /u);
    assert.match((await found(`<div style="${NARROW}"><b title="${LONG}">${LONG}</b></div>`)).join(), /^cut: /u);
    assert.match((await found(`<div style="${NARROW}" aria-label="${LONG}">${LONG}</div>`)).join(), /^cut: /u);
    assert.match(
      (await found(`<div style="width:90px;height:20px;overflow:hidden">${LONG}</div>`)).join(),
      /cut in height/u,
    );
    assert.deepEqual(await found(`<div style="width:60px;overflow:auto;white-space:nowrap">${LONG}</div>`), []);
    assert.deepEqual(await found(`<div style="width:60px">${LONG}</div>`), []);
  });

  test('a placeholder that is wider than its field', async () => {
    assert.match((await found(`<input style="width:60px" placeholder="${LONG}">`)).join(), /^placeholder: /u);
    assert.deepEqual(await found(`<input style="width:400px" placeholder="${LONG}">`), []);
    assert.deepEqual(await found(`<input style="width:60px" placeholder="${LONG}" value="x">`), []);
  });

  test('an ellipsis only where it is allowed, and only with the whole text in the tooltip', async () => {
    const ends = (attributes: string): string =>
      `<span class="ends" style="display:block;text-overflow:ellipsis;${NARROW}" ${attributes}>${LONG}</span>`;
    assert.match((await found(ends(`title="${LONG}"`))).join(), /^ellipsis: /u);
    assert.match((await found(`<div class="crumbs">${ends('title="Words"')}</div>`)).join(), /^no tooltip: /u);
    assert.match((await found(`<div class="crumbs">${ends(`aria-label="${LONG}"`)}</div>`)).join(), /^no tooltip: /u);
    assert.deepEqual(await found(`<div class="crumbs">${ends(`title="${LONG}"`)}</div>`), []);
  });

  test('words over words, but not under what floats', async () => {
    const over = (style: string): string => `<p style="margin:0">Below</p><p style="margin:0;${style}">Above</p>`;
    assert.match((await found(over('margin-top:-18px'))).join(), /overlaps/u);
    assert.deepEqual(await found(over('position:fixed;top:0')), []);
    assert.deepEqual(await found(over('')), []);
  });

  test('a button outside the window, and one under something else', async () => {
    await window.page.setContent('<button style="position:fixed;left:590px">Outside</button>');
    assert.match((await outOfReach(window.page)).join(), /is outside/u);
    await window.page.setContent(
      '<button>Under</button><div style="position:fixed;inset:0;background:red;z-index:1"></div>',
    );
    assert.match((await outOfReach(window.page)).join(), /is covered/u);
  });
});
