import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { PAGE_HEADERS } from '../../shared/page.ts';

/** Who may come in. Pure but for the random token. */

/** 256 bits, for the address and for the browser's memory only. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** Compared as digests of one length: neither content nor length shows in the time it takes. */
export function isToken(given: string | null | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(token)) && typeof given === 'string';
}

/** What was asked for. Some targets (`//`) are no address at all, and `URL` throws: they lead nowhere. */
export function addressOf(request: IncomingMessage): URL {
  const base = 'http://127.0.0.1';
  return URL.parse(request.url ?? '/', base) ?? new URL('/no-such-address', base);
}

export type Refusal = { readonly status: 400 | 403 | 421; readonly text: string };

/**
 * The name by which we were called must be ours: a page of another site whose name was pointed at 127.0.0.1 (DNS
 * rebinding) comes with that site's name. And what a browser sends for another site's page carries its origin.
 */
export function refusalOf(request: IncomingMessage, port: number, originNeeded: boolean): Refusal | undefined {
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = request.headers;
  if (host === undefined || !names.includes(host)) return { status: 421, text: 'This address is not Replug’s.' };
  if (origin === undefined ? originNeeded : !names.some((name) => origin === `http://${name}`))
    return { status: 403, text: 'This page may not talk to Replug.' };
  const site = request.headers['sec-fetch-site'];
  // a link to the page itself may be followed from anywhere; nothing else may be asked for by other sites
  const isNavigation = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isNavigation)
    return { status: 403, text: 'This page may not talk to Replug.' };
  return undefined;
}

/** On every answer: what every page of ours has, and what keeps other pages of the same browser away. */
export const HEADERS: Readonly<Record<string, string>> = {
  ...PAGE_HEADERS,
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=()',
  'cache-control': 'no-store',
};
