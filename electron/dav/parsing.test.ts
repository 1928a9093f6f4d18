import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addressOf, isWithin, segmentsInHeader, segmentsOf } from './address.ts';
import { checkConditions, rangeOf } from './conditional.ts';
import { parseIf, tokensIn } from './if-header.ts';
import { DavError } from './status.ts';
import { elementsIn, parseXml, writeXml } from './xml.ts';

/** What strangers send, taken apart: any bytes give a value or a refusal, never another error. */

const refusal =
  (...statuses: readonly number[]) =>
  (error: unknown): boolean =>
    error instanceof DavError && statuses.includes(error.status);

/** The value, or `undefined` where it was refused. */
function orRefused<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    assert.ok(error instanceof DavError, String(error));
    return undefined;
  }
}

describe('addresses', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })

    .filter((one) => one !== '.' && one !== '..' && !/[/\u0000-\u001f\u007f]/.test(one) && one.isWellFormed());

  test('lead back to the names they were made of', () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 8 }), fc.boolean(), (names, isFolder) => {
        assert.deepEqual(segmentsOf(addressOf('secret', names, isFolder), 'secret'), names);
      }),
    );
  });

  test('never climb, whatever is in them', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const segments = orRefused(() => segmentsOf(`/secret/${text}`, 'secret'));
        for (const one of segments ?? []) assert.ok(one !== '..' && one !== '.' && !one.includes('/'));
      }),
    );
    for (const path of [
      '/secret/a/../b',
      '/secret/%2e%2e/b',
      '/secret/a%2fb',
      '/secret/%00',
      '/secret/%c0%ae',
      '/secret/a#b',
    ])
      assert.throws(() => segmentsOf(path, 'secret'), refusal(400), path);
    for (const path of ['/', '/other/a', '/secre', '/secret2', '/Secret/'])
      assert.throws(() => segmentsOf(path, 'secret'), refusal(404), path);
  });

  test('of another server are refused', () => {
    const hosts = ['127.0.0.1:80'];
    assert.deepEqual(segmentsInHeader('http://127.0.0.1:80/secret/a', 'secret', hosts), ['a']);
    assert.throws(() => segmentsInHeader('http://evil/secret/a', 'secret', hosts), refusal(502));
    assert.throws(() => segmentsInHeader('secret/a', 'secret', hosts), refusal(400));
  });

  test('below and beside', () => {
    assert.ok(isWithin(['a', 'b'], ['a']) && isWithin(['a'], ['a']) && isWithin(['a'], []));
    assert.ok(!isWithin(['ab'], ['a']) && !isWithin([], ['a']));
  });
});

describe('XML', () => {
  test('means the same when it is written again', () => {
    const text =
      '<a xmlns="DAV:" xmlns:b="urn:b" b:c="1" d="&lt;&quot;" xml:lang="de"><e xmlns="">text &amp; <![CDATA[<raw>]]></e><b:f/></a>';
    const once = parseXml(text);
    assert.deepEqual(parseXml(writeXml(once)), { ...once, children: parseXml(writeXml(once)).children });
    assert.deepEqual(
      elementsIn(parseXml(writeXml(once))).map(({ space, name }) => [space, name]),
      [
        ['', 'e'],
        ['urn:b', 'f'],
      ],
    );
    assert.equal(writeXml(parseXml(writeXml(once))), writeXml(once));
  });

  test('of any kind is read or refused', () => {
    fc.assert(fc.property(fc.string(), (text) => void orRefused(() => parseXml(text))));
    fc.assert(fc.property(fc.string(), (text) => void orRefused(() => parseXml(`<a xmlns="${text}">${text}</a>`))));
  });

  test('has no document type, no entities of its own, and is not deep', () => {
    for (const text of [
      '<!DOCTYPE a><a/>',
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
      '<a>&b;</a>',
    ])
      assert.throws(() => parseXml(text), refusal(400), text);
    assert.throws(() => parseXml('<a>'.repeat(21) + '</a>'.repeat(21)), refusal(413));
    assert.doesNotThrow(() => parseXml('<a>'.repeat(20) + '</a>'.repeat(20)));
    for (const text of ['', '<a>', '<a></b>', '<x:a/>', 'text'])
      assert.throws(() => parseXml(text), refusal(400), text);
  });
});

describe('the If header', () => {
  test('lists of tokens and tags, of this resource and of others', () => {
    const lists = parseIf('(<urn:1> ["e"]) (Not <DAV:no-lock>) <http://h/x> (<urn:2>)');
    assert.deepEqual(lists, [
      {
        tag: undefined,
        conditions: [
          { not: false, kind: 'token', value: 'urn:1' },
          { not: false, kind: 'etag', value: '"e"' },
        ],
      },
      { tag: undefined, conditions: [{ not: true, kind: 'token', value: 'DAV:no-lock' }] },
      { tag: 'http://h/x', conditions: [{ not: false, kind: 'token', value: 'urn:2' }] },
    ]);
    assert.deepEqual([...tokensIn(lists)], ['urn:1', 'DAV:no-lock', 'urn:2']);
  });

  test('anything else is refused', () => {
    for (const text of ['', '()', '(', 'x', '<a>', '(<a>', '(<a>) x', '[e]', '(e)'])
      assert.throws(() => parseIf(text), refusal(400));
    fc.assert(fc.property(fc.string(), (text) => void orRefused(() => parseIf(text))));
  });
});

describe('conditions and ranges', () => {
  const now = { etag: '"e"', modified: 1_000_500 };

  test('hold or do not', () => {
    const holds = (headers: Record<string, string>, isReading = true, there: typeof now | null = now): boolean =>
      orRefused(() => {
        checkConditions(headers, there ?? undefined, isReading);
        return true;
      }) === true;
    assert.ok(holds({ 'if-match': '"a", "e"' }) && holds({ 'if-match': '*' }) && !holds({ 'if-match': '"a"' }));
    assert.ok(!holds({ 'if-match': '*' }, false, null) && holds({ 'if-none-match': '*' }, false, null));
    assert.ok(!holds({ 'if-none-match': '*' }, false) && !holds({ 'if-none-match': '"e"' }));
    const at = (seconds: number): string => new Date(seconds * 1_000).toUTCString();
    assert.ok(!holds({ 'if-modified-since': at(1_000) }) && holds({ 'if-modified-since': at(999) }));
    assert.ok(holds({ 'if-unmodified-since': at(1_000) }) && !holds({ 'if-unmodified-since': at(999) }));
    assert.ok(holds({ 'if-modified-since': 'nonsense' }));
  });

  test('lie inside of the file', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(1_000), fc.nat(2_000), fc.nat(2_000), (text, size, first, last) => {
        for (const range of [text, `bytes=${first}-${last}`, `bytes=-${last}`, `bytes=${first}-`]) {
          const found = orRefused(() => rangeOf({ range }, size, now));
          assert.ok(found === undefined || (found.start >= 0 && found.start + found.length <= size));
          assert.ok(found === undefined || found.whole || found.length > 0);
        }
      }),
    );
  });
});
