/** A file as an HTTP answer, the same in Electron's own scheme and in the loopback host. */

/** What is served: a phone's file, or a copy of one. */
export interface ServedFile {
  readonly name: string;
  /** Its media type, by its name: what it is given as, whatever is in it. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Whether a browser shows it in its own tab; otherwise it offers to save it. */
  readonly inline: boolean;
  stream(offset: number, length: number): AsyncIterable<Uint8Array>;
}

/** The answer to a request for a file; without a body where there is none. */
export interface ServedAnswer {
  readonly status: 200 | 206 | 405 | 416;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array> | undefined;
}

/**
 * A file from a phone never runs anything in Replug's origin: no script, and where a browser shows it as a page of its own,
 * in an origin of its own (`sandbox`). The viewer for PDF is the browser's own and does not work in a sandbox; it needs no
 * script of the file's.
 */
const SEALED = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";
const SEALED_PDF = "script-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/**
 * A tab that shows one of these makes a page around it that asks for the file again, which it could not in a sandbox.
 * Nothing in them is run.
 */
const MADE_INTO_PAGES = /^(?:image\/(?!svg)|video\/|audio\/)/;
const SEALED_MEDIA =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; frame-ancestors 'none'";

function policyOf(type: string): string {
  if (type === 'application/pdf') return SEALED_PDF;
  return MADE_INTO_PAGES.test(type) ? SEALED_MEDIA : SEALED;
}

/** Answers GET and HEAD, whole or in one range; several ranges are answered whole, as RFC 9110 allows. */
export function answerFor(file: ServedFile, method: string, range: string | null | undefined): ServedAnswer {
  const { name, type, size, inline } = file;
  const headers = {
    'content-type': type === 'text/plain' ? 'text/plain; charset=utf-8' : type,
    'content-disposition': `${inline ? 'inline' : 'attachment'}; filename*=UTF-8''${encoded(name)}`,
    'content-security-policy': policyOf(type),
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'accept-ranges': 'bytes',
    'cache-control': 'no-store',
  };
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, headers: { ...headers, 'content-length': '0', allow: 'GET, HEAD' }, body: undefined };
  const wanted = rangeOf(range ?? undefined, size);
  if (wanted === 'unsatisfiable')
    return {
      status: 416,
      headers: { ...headers, 'content-range': `bytes */${size}`, 'content-length': '0' },
      body: undefined,
    };
  const { offset, length } = wanted ?? { offset: 0, length: size };
  return {
    status: wanted === undefined ? 200 : 206,
    headers: {
      ...headers,
      'content-length': String(length),
      ...(wanted === undefined ? {} : { 'content-range': `bytes ${offset}-${offset + length - 1}/${size}` }),
    },
    body: method === 'HEAD' || length === 0 ? undefined : file.stream(offset, length),
  };
}

/** `undefined`: no range, or none that is understood, and so the whole file. */
function rangeOf(
  header: string | undefined,
  size: number,
): { readonly offset: number; readonly length: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const [, from = '', to = ''] = match;
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? 'unsatisfiable' : { offset: size - length, length };
  }
  const offset = Number(from);
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < offset) return undefined;
  return offset >= size ? 'unsatisfiable' : { offset, length: last - offset + 1 };
}

/** As RFC 8187 has it. */
const encoded = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
