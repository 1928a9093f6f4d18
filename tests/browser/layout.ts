import type { Page } from 'playwright-core';

/** Visible controls that are outside the window or covered, even after scrolling to them; sideways scrolling too. */
export const outOfReach = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    // what lies on top: a dialog, or the places where they have no column of their own
    const places = [...document.querySelectorAll<HTMLElement>('.sidebar')].filter(
      (one) => getComputedStyle(one).position === 'fixed' && one.checkVisibility({ visibilityProperty: true }),
    );
    const top = [...places, ...document.querySelectorAll('[role=dialog]')].at(-1);
    const found: string[] = [];
    for (const control of (top ?? document).querySelectorAll<HTMLElement>('button, select, input, [role=switch]')) {
      if (!control.checkVisibility({ visibilityProperty: true }) || control.closest('[aria-hidden=true]') !== null)
        continue;
      if (control.getBoundingClientRect().width === 0) continue;
      control.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      const { left, right, top, bottom } = control.getBoundingClientRect();
      const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      const isInside = left >= -1 && right <= innerWidth + 1 && top >= -1 && bottom <= innerHeight + 1;
      // a notice goes away
      const isMine =
        at !== null && (control.contains(at) || at.contains(control) || at.closest('label, .notices') !== null);
      if (!isInside || !isMine)
        found.push(
          `${control.getAttribute('aria-label') ?? control.textContent} ${isInside ? 'is covered' : 'is outside'}`,
        );
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push('the window scrolls sideways');
    return found;
  });

/**
 * What may end in an ellipsis where there is no space for it: names, paths and sums that have one line. Their tooltip has
 * the whole text. Everything else wraps, or is as wide as its words.
 */
const MAY_END_IN_ELLIPSIS: readonly string[] = [
  // phones, their state, storages and places, in the column at the side
  '.side-row .ends',
  // the path above the files
  '.crumbs .ends',
  // a file's name, kind and date in the list
  '.list-row .ends',
  // what is copied, where to, how it stands, and how much of it
  '.transfer-title .ends',
  '.transfer-status.ends',
  '.transfer-numbers .ends',
  // folders of a pair, and its files
  '.sync-what .ends',
  '.sync-lines .ends',
  '.item .ends',
  '.report .ends',
  '.pick-list .ends',
  // files and folders on the page Space, in the map and below it
  '.map-words .ends',
  '.space-name .ends',
  // where photos go
  '.photos-foot .ends',
];

/**
 * Words that are not drawn in full: cut by the edge of their own box or of one around it that does not scroll, or
 * shortened with an ellipsis by an element that is not among `MAY_END_IN_ELLIPSIS` or whose tooltip does not say it all;
 * and words drawn over other words of the same layer.
 */
export const cutOff = (page: Page): Promise<readonly string[]> =>
  page.evaluate((mayEnd) => {
    interface Drawn {
      readonly box: HTMLElement;
      readonly layer: Element | null;
      readonly rect: { left: number; right: number; top: number; bottom: number };
    }
    /** What floats is meant to lie over other words. */
    const layerOf = (box: Element | null): Element | null => {
      for (let around = box; around !== null; around = around.parentElement) {
        const { position, zIndex } = getComputedStyle(around);
        if (around.matches('.notices') || position === 'fixed' || (position === 'absolute' && zIndex !== 'auto'))
          return around;
      }
      return null;
    };
    const found: string[] = [];
    const drawn: Drawn[] = [];
    const told = (box: Element): string => `${box.tagName.toLowerCase()}.${box.className}: ${box.textContent}`;
    // the one on top
    const root = [...document.querySelectorAll<HTMLElement>('[role=menu], [role=dialog]')].at(-1) ?? document.body;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const box = node.parentElement;
      if (box === null || !/[\p{L}\p{N}]/u.test(node.nodeValue ?? '')) continue;
      if (['SCRIPT', 'STYLE', 'OPTION'].includes(box.tagName)) continue;
      if (!box.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || box.closest('.unseen') !== null)
        continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const { left, right, top, bottom } of range.getClientRects()) {
        const rect = { left, right, top, bottom };
        let isSeen = true;
        for (let around: Element | null = box; around !== null && isSeen; around = around.parentElement) {
          const style = getComputedStyle(around);
          if (style.display === 'inline' || style.display === 'contents') continue;
          const edge = around.getBoundingClientRect();
          if (style.overflowX !== 'visible') {
            if (style.overflowX === 'hidden' || style.overflowX === 'clip')
              if (rect.left < edge.left - 1.5 || rect.right > edge.right + 1.5) {
                const tip = box.closest('[title]')?.getAttribute('title') ?? '';
                if (style.textOverflow !== 'ellipsis') found.push(`cut: ${told(box)}`);
                else if (!mayEnd.some((selector) => around?.matches(selector))) found.push(`ellipsis: ${told(around)}`);
                else if (!tip.includes((around.textContent ?? '').trim())) found.push(`no tooltip: ${told(around)}`);
              }
            rect.left = Math.max(rect.left, edge.left);
            rect.right = Math.min(rect.right, edge.right);
          }
          if (style.overflowY !== 'visible') {
            if (style.overflowY === 'hidden' || style.overflowY === 'clip')
              // the line box is higher than its letters
              if (rect.top < edge.top - 4 || rect.bottom > edge.bottom + 4) found.push(`cut in height: ${told(box)}`);
            rect.top = Math.max(rect.top, edge.top);
            rect.bottom = Math.min(rect.bottom, edge.bottom);
          }
          isSeen = rect.right - rect.left > 1 && rect.bottom - rect.top > 1;
          if (style.position === 'fixed') break;
        }
        if (isSeen) drawn.push({ box, layer: layerOf(box), rect });
      }
    }
    const ruler = document.createElement('canvas').getContext('2d');
    for (const field of root.querySelectorAll('input')) {
      if (ruler === null || field.value !== '' || !field.checkVisibility({ visibilityProperty: true })) continue;
      const { font, paddingLeft, paddingRight } = getComputedStyle(field);
      ruler.font = font;
      const space = field.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
      if (ruler.measureText(field.placeholder).width > space + 1) found.push(`placeholder: ${field.placeholder}`);
    }
    for (const [index, one] of drawn.entries())
      for (const other of drawn.slice(index + 1)) {
        if (one.box === other.box || one.layer !== other.layer) continue;
        const wide = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
        const high = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
        if (wide > 2 && high > 5) found.push(`${told(one.box)} overlaps ${told(other.box)}`);
      }
    return [...new Set(found)];
  }, MAY_END_IN_ELLIPSIS);

/** Everything a person reads or hears on the page, but for technical details, which are English everywhere. */
export const spoken = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const found = new Set<string>();
    for (const element of document.querySelectorAll<HTMLElement>('body, body *')) {
      if (['SCRIPT', 'STYLE', 'TITLE'].includes(element.tagName) || element.closest('.details pre') !== null) continue;
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
