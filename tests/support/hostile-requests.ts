import type { DavAsk } from './dav-client.ts';

/** What pages, programs without the address and broken clients may send to the drive, and how each is to be refused. */

/** One request, with the statuses that refuse it. */
export type HostileRequest = readonly [method: string, target: string, how: DavAsk, ...statuses: readonly number[]];

/** Where the drive is and what is on it. */
export interface HostileTarget {
  readonly secret: string;
  readonly host: string;
  readonly port: number;
  /** The address of a storage below the drive's, with its last slash. */
  readonly storage: string;
  /** A file on it. */
  readonly file: string;
}

/** At least 64 of them. */
export function hostileRequests({ secret, host, port, storage, file }: HostileTarget): readonly HostileRequest[] {
  const lots = '<a>'.repeat(50);
  const bomb =
    '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><propfind xmlns="DAV:"><prop><x>&c;&c;&c;</x></prop></propfind>';
  return [
    ...['evil.example', `evil.example:${port}`, '127.0.0.1', '127.0.0.1:1', `[::1]:${port}`].map(
      (one): [string, string, DavAsk, number] => ['GET', '', { headers: { host: one } }, 421],
    ),
    ...['http://evil.example', 'null', `http://${host}`, 'https://localhost'].map(
      (origin): [string, string, DavAsk, number] => ['PROPFIND', '', { headers: { origin, depth: '1' } }, 403],
    ),
    ...['cross-site', 'same-site', 'same-origin'].map((site): [string, string, DavAsk, number] => [
      'GET',
      '',
      { headers: { 'sec-fetch-site': site } },
      403,
    ]),
    ...['/', '/x', `/${secret.slice(1)}`, `/${secret}0/`, `/${secret.toUpperCase()}x/`, '/favicon.ico', '*'].map(
      (target): [string, string, DavAsk, number, number] => [
        'PROPFIND',
        target.startsWith('/') ? target : '/*',
        { headers: { depth: '0' } },
        404,
        400,
      ],
    ),
    ...['..', '%2e%2e', '..%2f..%2fetc%2fpasswd', 'a%2fb', '%2e', '%00', 'a%0ab', '%zz', '%ff%fe', 'a#b'].flatMap(
      (name): [string, string, DavAsk, number, number][] => [
        ['GET', `/${secret}/${storage}${name}`, {}, 400, 404],
        ['PUT', `/${secret}/${storage}${name}`, { body: 'x' }, 400, 404],
      ],
    ),
    ['MOVE', `${storage}${file}`, { headers: { destination: 'http://evil.example/x' } }, 502],
    ['MOVE', `${storage}${file}`, { headers: { destination: `http://${host}/x` } }, 403],
    ['MOVE', `${storage}${file}`, { headers: { destination: `/${secret}/${storage}%2e%2e/x` } }, 400],
    ['COPY', `${storage}${file}`, { headers: { destination: 'nonsense' } }, 400],
    ['COPY', `${storage}${file}`, {}, 400],
    ['PROPFIND', '', { body: bomb, headers: { depth: '0' } }, 400],
    ['PROPFIND', '', { body: `<propfind xmlns="DAV:">${lots}`, headers: { depth: '0' } }, 413, 400],
    [
      'PROPFIND',
      '',
      { body: '<propfind xmlns="DAV:"><prop>&unknown;</prop></propfind>', headers: { depth: '0' } },
      400,
    ],
    ['PROPFIND', '', { body: '<unbound:x/>', headers: { depth: '0' } }, 400],
    ['PROPFIND', '', { body: Buffer.from([0xff, 0xff, 0x80]), headers: { depth: '0' } }, 400],
    [
      'PROPFIND',
      '',
      { body: `<propfind xmlns="DAV:"><prop>${'<x/>'.repeat(5_000)}</prop></propfind>`, headers: { depth: '0' } },
      413,
    ],
    ['PROPFIND', '', { body: 'x'.repeat(1024 * 1024 + 1), headers: { depth: '0' } }, 413, 400],
    ['PROPFIND', '', { headers: { depth: '2' } }, 400],
    ['PROPPATCH', `${storage}${file}`, { body: '<a/>' }, 400],
    ['LOCK', `${storage}${file}`, { body: '<a/>' }, 400],
    ['PUT', `${storage}${file}`, { body: 'x', headers: { if: '(((((' } }, 400],
    ['PUT', `${storage}${file}`, { body: 'x', headers: { if: `(${'<a>'.repeat(3_000)})` } }, 400],
    ['PUT', `${storage}${file}`, { body: 'x', headers: { 'content-range': 'bytes 0-0/1' } }, 400],
    ['UNLOCK', `${storage}${file}`, { headers: { 'lock-token': '<x>' } }, 409],
    ['TRACE', '', {}, 405],
    ['POST', '', { body: 'x' }, 405],
    ['GET', `${'x'.repeat(9_000)}`, {}, 400, 414],
    ['DELETE', '', {}, 403],
    ['MKCOL', `${storage}new`, { body: '<x/>' }, 415],
    ['PUT', `${storage}${file}`, { body: 'x', headers: { 'content-encoding': 'gzip' } }, 415],
    ['PUT', `${storage}${file}`, { body: 'x', headers: { 'if-none-match': '*' } }, 412],
    ['COPY', `${storage}${file}`, { headers: { destination: `/${secret}/${storage}${file}` } }, 403],
    ['MOVE', storage, { headers: { destination: `/${secret}/x` } }, 403, 409],
    ['PROPFIND', '', { headers: { depth: 'infinity' } }, 403],
    ['UNLOCK', `${storage}${file}`, {}, 400],
    ['PATCH', `${storage}${file}`, { body: 'x' }, 405],
    ['GET', '', { headers: { 'x-large': 'x'.repeat(64 * 1024) } }, 431],
  ];
}
