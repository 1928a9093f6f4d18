import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { PAGE_HEADERS } from '../../shared/page.ts';

/** Access control. Pure, except for the random token. */

/** 256 bits. It appears only in the address and in the browser's memory. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** Compares digests of equal length, so that the time taken reveals neither content nor length. */
export function isToken(given: string | null | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(token)) && typeof given === 'string';
}

/** The requested address. Some request targets (`//`) are not valid, and `URL` throws; those match nothing. */
export function addressOf(request: IncomingMessage): URL {
  const base = 'http://127.0.0.1';
  return URL.parse(request.url ?? '/', base) ?? new URL('/no-such-address', base);
}

/** The answer to a refused request: 421 for a Host that is not ours, 403 for another site’s page. */
export type Refusal = { readonly status: 400 | 403 | 421; readonly text: string };

/**
 * Refuses requests from other sites. The Host header must be ours: a page whose domain was pointed at 127.0.0.1 (DNS
 * rebinding) sends that domain. A request made by another site's page carries its origin.
 */
export function refusalOf(request: IncomingMessage, port: number, originNeeded: boolean): Refusal | undefined {
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = request.headers;
  if (host === undefined || !names.includes(host)) return { status: 421, text: 'This address is not Replug’s.' };
  if (origin === undefined ? originNeeded : !names.some((name) => origin === `http://${name}`))
    return { status: 403, text: 'This page may not talk to Replug.' };
  const site = request.headers['sec-fetch-site'];
  // a link to the page itself may come from anywhere; other sites may request nothing else
  const isNavigation = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isNavigation)
    return { status: 403, text: 'This page may not talk to Replug.' };
  return undefined;
}

/**
 * Headers of every response: those of the window's pages, and those that isolate it from other pages of the browser.
 */
export const HEADERS: Readonly<Record<string, string>> = {
  ...PAGE_HEADERS,
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=()',
  'cache-control': 'no-store',
};
