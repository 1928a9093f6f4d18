import type { IncomingHttpHeaders } from 'node:http';
import { DavError } from './status.ts';

/** Conditions and ranges of HTTP (RFC 9110). Pure. */

/** What a resource is compared by; `undefined` where nothing is there. */
export interface Version {
  readonly etag: string;
  /** Milliseconds. */
  readonly modified: number | undefined;
}

/** Throws 412 or 304 where the request's conditions do not hold. */
export function checkConditions(headers: IncomingHttpHeaders, now: Version | undefined, isReading: boolean): void {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match !== undefined && !isListed(match, now)) throw new DavError(412);
  const unmodified = match === undefined ? dateIn(headers['if-unmodified-since']) : undefined;
  if (unmodified !== undefined && seconds(now?.modified) > unmodified) throw new DavError(412);
  if (noneMatch !== undefined) {
    if (isListed(noneMatch, now)) throw new DavError(isReading ? 304 : 412);
    return;
  }
  const since = isReading ? dateIn(headers['if-modified-since']) : undefined;
  if (since !== undefined && now?.modified !== undefined && seconds(now.modified) <= since) throw new DavError(304);
}

const isListed = (header: string, now: Version | undefined): boolean =>
  now !== undefined && (header.trim() === '*' || header.split(',').some((one) => one.trim() === now.etag));

const seconds = (milliseconds: number | undefined): number => Math.floor((milliseconds ?? 0) / 1_000);

function dateIn(header: string | undefined): number | undefined {
  const date = Date.parse(header ?? '');
  return Number.isNaN(date) ? undefined : seconds(date);
}

/** A part of a file, bytes; `whole` where all of it is sent. */
export interface Range {
  readonly start: number;
  readonly length: number;
  readonly whole: boolean;
}

/** The one range that is asked for, else all. Throws 416 where it begins behind the end. */
export function rangeOf(headers: IncomingHttpHeaders, size: number, now: Version): Range {
  const whole = { start: 0, length: size, whole: true };
  const [, first, last] = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(headers.range?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return whole;
  const ifRange = headers['if-range'];
  if (typeof ifRange === 'string' && ifRange.trim() !== now.etag && dateIn(ifRange) !== seconds(now.modified))
    return whole;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return whole;
  if (start >= size) throw new DavError(416, undefined, { 'content-range': `bytes */${size}` });
  return { start, length: end - start, whole: false };
}
