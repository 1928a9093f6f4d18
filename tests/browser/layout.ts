import type { Page } from 'playwright-core';

/** Visible controls that are outside the window or covered, even after scrolling to them; sideways scrolling too. */
export const outOfReach = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const dialog = document.querySelector('[role=dialog]');
    const found: string[] = [];
    for (const control of (dialog ?? document).querySelectorAll<HTMLElement>('button, select, input, [role=switch]')) {
      if (!control.checkVisibility({ visibilityProperty: true }) || control.closest('[aria-hidden=true]') !== null)
        continue;
      if (control.getBoundingClientRect().width === 0) continue;
      control.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      const { left, right, top, bottom } = control.getBoundingClientRect();
      const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      const isInside = left >= -1 && right <= innerWidth + 1 && top >= -1 && bottom <= innerHeight + 1;
      const isMine = at !== null && (control.contains(at) || at.contains(control) || at.closest('label') !== null);
      if (!isInside || !isMine)
        found.push(
          `${control.getAttribute('aria-label') ?? control.textContent} ${isInside ? 'is covered' : 'is outside'}`,
        );
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push('the window scrolls sideways');
    return found;
  });

/** Words that are drawn shortened, outside their box, and that no tooltip or name repeats in full. */
export const cutOff = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    for (const box of (document.querySelector('[role=dialog]') ?? document.body).querySelectorAll<HTMLElement>('*')) {
      const says = [...box.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && /\p{L}/u.test(node.nodeValue ?? ''),
      );
      if (!says || !box.checkVisibility({ visibilityProperty: true }) || box.closest('.unseen') !== null) continue;
      const style = getComputedStyle(box);
      if (style.overflowX === 'visible' || box.scrollWidth <= box.clientWidth + 1) continue;
      if (box.closest('[title], [aria-label]') !== null) continue;
      found.push(`${box.className}: ${box.textContent}`);
    }
    return found;
  });

/** Everything a person reads or hears on the page. */
export const spoken = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const found = new Set<string>();
    for (const element of document.querySelectorAll<HTMLElement>('body, body *')) {
      if (['SCRIPT', 'STYLE', 'TITLE'].includes(element.tagName)) continue;
      for (const node of element.childNodes)
        if (node.nodeType === Node.TEXT_NODE && (node.nodeValue ?? '').trim() !== '')
          found.add(element.textContent.trim());
      for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description', 'aria-valuetext']) {
        const value = element.getAttribute(name);
        if (value !== null && value.trim() !== '') found.add(value.trim());
      }
    }
    return [...found];
  });
